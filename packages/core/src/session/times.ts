import { ConfigurationError } from '../errors.ts';
import type { Optional } from '../optional.ts';
import { type Preset, presets, type SessionTimes } from './presets.ts';

const maxGracePeriod = 30_000;
/** In ms: a century. Every token and JWT can represent a time so far ahead. */
const maxAbsoluteTimeout = 36_525 * 86_400_000;
const names = Object.keys(presets.default) as (keyof SessionTimes)[];

/**
 * Returns the times of a preset with those that the application overrides. What the application
 * leaves out is adapted to what it gives: `absoluteTimeout: 7 d` alone makes `idleTimeout` 7 days
 * too. Where the application names a preset, what it leaves out only becomes shorter.
 *
 * @throws ConfigurationError, naming an option that was given, for an invalid number, or one that
 *   contradicts another.
 */
export const validateTimes = (
  preset: Preset | undefined,
  own: Optional<SessionTimes>,
): SessionTimes => {
  const name = preset ?? 'default';
  if (!Object.hasOwn(presets, name)) {
    throw new ConfigurationError('preset', `must be one of ${Object.keys(presets).join(', ')}`);
  }
  const given: { -readonly [Name in keyof SessionTimes]?: number } = {};
  for (const each of names) {
    if (own[each] !== undefined) given[each] = validateNumber(each, own[each]);
  }
  const times = adapt(presets[name], given, preset === undefined);
  for (const [option, problem, holds, ...others] of contradictions(times)) {
    if (!holds) continue;
    // Name what was given: an option that was left out is not what has to change.
    const wrong = [option, ...others].find((each) => each in given) ?? option;
    const why = wrong === option ? '' : `contradicts ${option} (${times[option]}), which `;
    throw new ConfigurationError(wrong, why + problem);
  }
  return times;
};

/**
 * Adapts the times of a preset to those that were given: of two that contradict each other, one that
 * was left out changes.
 *
 * @param mayGrow whether a time that was left out may also become longer
 */
const adapt = (
  base: SessionTimes,
  given: Partial<SessionTimes>,
  mayGrow: boolean,
): SessionTimes => {
  const times: { -readonly [Name in keyof SessionTimes]: number } = { ...base, ...given };
  const shorten = (name: keyof SessionTimes, contradicts: boolean, to: number): void => {
    if (contradicts && !(name in given)) times[name] = Math.floor(to);
  };
  const lengthen = (name: keyof SessionTimes, contradicts: boolean, to: number): void => {
    if (mayGrow) shorten(name, contradicts && to < Infinity, Math.max(Math.ceil(to), times[name]));
  };
  const accessLife = (): number => times.accessTokenLifetime * (1 - times.accessTokenJitter);
  // Without replays there is no time to accept them in.
  shorten('gracePeriod', given.maxReplays === 0, 0);
  shorten('strikePeriod', given.maxReplays === 0, 0);

  // What contains the given times becomes longer, …
  const { gracePeriod = 0, settlePeriod = 0, accessTokenLifetime = 0 } = given;
  lengthen('rotateAfter', gracePeriod * 2 >= times.rotateAfter, gracePeriod * 3);
  lengthen('rotateAfter', settlePeriod >= times.rotateAfter, settlePeriod * 2);
  lengthen('accessTokenLifetime', settlePeriod >= accessLife(), settlePeriod * 3);
  lengthen('idleTimeout', times.accessTokenLifetime >= times.idleTimeout, accessTokenLifetime * 2);
  lengthen('absoluteTimeout', times.idleTimeout > times.absoluteTimeout, times.idleTimeout);

  // … and what is contained in them shorter.
  shorten('idleTimeout', times.idleTimeout > times.absoluteTimeout, times.absoluteTimeout);
  const { idleTimeout } = times;
  const needed = Math.ceil(
    (Math.max(gracePeriod, settlePeriod) + 1) / (1 - times.accessTokenJitter),
  );
  shorten(
    'accessTokenLifetime',
    times.accessTokenLifetime >= idleTimeout && times.accessTokenLifetime !== Infinity,
    Math.max(idleTimeout / 2, Math.min(Math.max(needed, 1_000), idleTimeout - 1)),
  );
  const contained = Math.min(accessLife(), times.rotateAfter);
  shorten('settlePeriod', times.settlePeriod >= contained, contained / 2);
  const mostGrace = Math.min(accessLife(), times.rotateAfter / 2);
  shorten('gracePeriod', times.gracePeriod >= mostGrace, mostGrace / 2);
  const { strikePeriod } = times;
  shorten('gracePeriod', strikePeriod > 0 && times.gracePeriod > strikePeriod, strikePeriod);
  return times;
};

/** Returns a number of 0 or more. @throws ConfigurationError, naming the option. */
export const validateNumber = (option: string, value: unknown): number => {
  const mayBeEndless = option === 'accessTokenLifetime' && value === Infinity;
  if (!mayBeEndless && (typeof value !== 'number' || !Number.isFinite(value) || value < 0)) {
    throw new ConfigurationError(option, 'must be a finite number, 0 or more');
  }
  return value as number;
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;

type Contradiction = readonly [
  option: keyof SessionTimes,
  problem: string,
  holds: boolean,
  /** The options that it contradicts. */
  ...others: readonly (keyof SessionTimes)[],
];

const contradictions = (times: SessionTimes): readonly Contradiction[] => {
  const { accessTokenLifetime, idleTimeout, absoluteTimeout, gracePeriod, settlePeriod } = times;
  const { rotateAfter, strikePeriod, maxReplays } = times;
  const shortestAccess = accessTokenLifetime * (1 - times.accessTokenJitter);
  return [
    ['idleTimeout', 'must be at least 1,000 ms', idleTimeout < 1_000, 'absoluteTimeout'],
    [
      'accessTokenLifetime',
      'must be at least 1,000 ms',
      accessTokenLifetime < 1_000,
      'idleTimeout',
      'absoluteTimeout',
    ],
    ['accessTokenJitter', 'must be at most 0.5', times.accessTokenJitter > 0.5],
    [
      'accessTokenLifetime',
      'must be shorter than idleTimeout, or Infinity',
      accessTokenLifetime >= idleTimeout && accessTokenLifetime !== Infinity,
      'idleTimeout',
      'absoluteTimeout',
    ],
    ['rotateAfter', 'must be at least 1,000 ms', rotateAfter < 1_000],
    [
      'gracePeriod',
      'must be shorter than half of rotateAfter',
      gracePeriod > 0 && gracePeriod * 2 >= rotateAfter,
      'rotateAfter',
    ],
    [
      'settlePeriod',
      'must be shorter than rotateAfter',
      settlePeriod >= rotateAfter,
      'rotateAfter',
    ],
    ['maxLateRun', 'must be a whole number of at least 1', !isCount(times.maxLateRun)],
    [
      'idleTimeout',
      'must not be longer than absoluteTimeout',
      idleTimeout > absoluteTimeout,
      'absoluteTimeout',
    ],
    [
      'absoluteTimeout',
      `must be at most ${maxAbsoluteTimeout} ms`,
      absoluteTimeout > maxAbsoluteTimeout,
      'idleTimeout',
      'accessTokenLifetime',
      'settlePeriod',
    ],
    ['gracePeriod', `must be at most ${maxGracePeriod} ms`, gracePeriod > maxGracePeriod],
    [
      'gracePeriod',
      'must be shorter than an access token lives',
      gracePeriod >= shortestAccess,
      'accessTokenLifetime',
      'idleTimeout',
      'absoluteTimeout',
    ],
    [
      'settlePeriod',
      'must be shorter than an access token lives',
      settlePeriod >= shortestAccess,
      'accessTokenLifetime',
      'idleTimeout',
      'absoluteTimeout',
    ],
    [
      'strikePeriod',
      'must not be shorter than gracePeriod',
      strikePeriod > 0 && strikePeriod < gracePeriod,
      'gracePeriod',
    ],
    [
      'maxReplays',
      'must be at least 1 unless gracePeriod and strikePeriod are 0',
      (gracePeriod > 0 || strikePeriod > 0) && maxReplays < 1,
      'gracePeriod',
      'strikePeriod',
    ],
  ];
};
