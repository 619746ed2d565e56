import { createDpop, type Dpop, type DpopOptions, type DpopRequest } from '../../src/dpop/dpop.ts';
import { isDpopError } from '../../src/dpop/dpop-error.ts';
import type { HeaderValue } from '../../src/request.ts';
import { createMemoryStore } from '../memory-store.ts';
import { athOf, type Prover } from './proofs.ts';

export const origin = 'https://api.example.com';
/** In ms: what the clock says until it is told otherwise. */
export const start = 1_700_000_000_000;
export const accessToken = 'pawl_at_anything';
export const secret = 'a root secret of quite enough random bytes: 0123456789';

interface Setting {
  readonly dpop: Dpop;
  /** In ms. */
  readonly wait: (ms: number) => void;
}

/** A verifier of proofs over a store in memory, and a clock that stands still until told. */
export const setUp = (options: Partial<DpopOptions> = {}): Setting => {
  let now = start;
  const clock = (): number => now;
  const store = createMemoryStore({ clock });
  return {
    dpop: createDpop({ store, origin, clock, ...options }),
    wait: (ms) => {
      now += ms;
    },
  };
};

export const request = (proof: HeaderValue, method = 'GET', path = '/notes'): DpopRequest => ({
  method,
  path,
  header: (name) => (name === 'dpop' ? proof : undefined),
});

/** Why a proof is refused, or `accepted`; fails for an error that is no refusal. */
export const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && isDpopError(error)) return error.refusal;
    throw error;
  }
  return 'accepted';
};

/** What a good proof for `request` says. */
export const good = (): Record<string, unknown> => ({
  jti: 'one',
  htm: 'GET',
  htu: `${origin}/notes`,
  iat: start / 1_000,
  ath: athOf(accessToken),
});

/** The same, one of its claims left out. */
export const without = (name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(good()).filter(([key]) => key !== name));

/** What it is, why it is refused, and how a client makes it. */
export type Forgery = [string, string, (prover: Prover) => HeaderValue | Promise<HeaderValue>];
