import type { Strategy } from './heist.ts';
import { lead } from './lead.ts';
import { shadow } from './shadow.ts';
import { absence, busy, follow, presence, probe } from './simple.ts';

/** A kind of thief, who holds a copy of the jar. */
export interface Thief {
  readonly name: string;
  readonly strategy: Strategy;
  /** In ms, from the copy to its first use, uniform over the orders of magnitude. Default: a minute at most. */
  readonly wait?: readonly [least: number, most: number];
  /** Whether he is one of those who refresh first, all of whom must be noticed. */
  readonly leads?: true;
  /** With which credential no server can tell him from one more tab, so that he may stay. */
  readonly mayStay?: readonly ('cookie' | 'pair')[];
}

/** In ms: a copy that is used within two days. */
const late = [1_000, 172_800_000] as const;

const both = ['cookie', 'pair'] as const;

export const thieves: readonly Thief[] = [
  { name: 'uses it at will', strategy: busy, wait: late },
  {
    name: 'leads, sees the owner come back',
    strategy: lead({ isSighted: true, alternates: false }),
    leads: true,
  },
  {
    name: 'leads, keeps still for 3 to 5 minutes',
    strategy: lead({ isSighted: false, alternates: false }),
    leads: true,
  },
  {
    name: 'leads, the moment that the owner comes online',
    strategy: lead({ isSighted: true, alternates: false, waitsForOwner: true }),
    mayStay: both,
  },
  { name: 'follows: polls every 30 s', strategy: follow },
  {
    name: 'alternates: leads, then follows within 5 s',
    strategy: lead({ isSighted: true, alternates: true }),
    mayStay: ['pair'],
  },
  { name: 'probes once a day', strategy: probe, wait: late },
  { name: 'waits for absence', strategy: absence },
  { name: 'waits for presence', strategy: presence },
  {
    name: 'comes 1 to 5 s after the owner, each time',
    strategy: shadow([1_000, 5_000]),
    mayStay: ['pair'],
  },
  {
    name: 'comes within 100 ms of the owner, each time',
    strategy: shadow([20, 100]),
    mayStay: both,
  },
];
