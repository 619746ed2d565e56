import { ConfigurationError } from '../errors.ts';
import type { Optional } from '../optional.ts';
import { type Preset, presets, type SessionTimes } from './presets.ts';

const maxGracePeriod = 30_000;
/** In ms: a century. Every token and JWT can represent a time so far ahead. */
const maxAbsoluteTimeout = 36_525 * 86_400_000;
const names = Object.keys(presets.default) as (keyof SessionTimes)[];

/**
 * Returns the times of a preset with those that the application overrides.
 *
 * @throws ConfigurationError, naming the option, for an invalid number, or one that contradicts
 *   another.
 */
export const validateTimes = (
  preset: Preset | undefined,
  own: Optional<SessionTimes>,
): SessionTimes => {
  const name = preset ?? 'default';
  if (!Object.hasOwn(presets, name)) {
    throw new ConfigurationError('preset', `must be one of ${Object.keys(presets).join(', ')}`);
  }
  const base = presets[name];
  const times: Record<string, number> = {};
  for (const each of names) times[each] = validateNumber(each, own[each] ?? base[each]);
  const resolved = times as unknown as SessionTimes;
  for (const [option, problem, holds] of contradictions(resolved)) {
    if (holds) throw new ConfigurationError(option, problem);
  }
  return resolved;
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

type Contradiction = readonly [option: keyof SessionTimes, problem: string, holds: boolean];

const contradictions = (times: SessionTimes): readonly Contradiction[] => {
  const { accessTokenLifetime, idleTimeout, absoluteTimeout, gracePeriod, settlePeriod } = times;
  const shortestAccess = accessTokenLifetime * (1 - times.accessTokenJitter);
  return [
    ['accessTokenLifetime', 'must be at least 1,000 ms', accessTokenLifetime < 1_000],
    ['accessTokenJitter', 'must be at most 0.5', times.accessTokenJitter > 0.5],
    [
      'accessTokenLifetime',
      'must be shorter than idleTimeout, or Infinity',
      accessTokenLifetime >= idleTimeout && accessTokenLifetime !== Infinity,
    ],
    ['rotateAfter', 'must be at least 1,000 ms', times.rotateAfter < 1_000],
    [
      'gracePeriod',
      'must be shorter than half of rotateAfter',
      gracePeriod > 0 && gracePeriod * 2 >= times.rotateAfter,
    ],
    ['maxLateRun', 'must be a whole number of at least 1', !isCount(times.maxLateRun)],
    ['idleTimeout', 'must not be longer than absoluteTimeout', idleTimeout > absoluteTimeout],
    [
      'absoluteTimeout',
      `must be at most ${maxAbsoluteTimeout} ms`,
      absoluteTimeout > maxAbsoluteTimeout,
    ],
    ['gracePeriod', `must be at most ${maxGracePeriod} ms`, gracePeriod > maxGracePeriod],
    ['gracePeriod', 'must be shorter than an access token lives', gracePeriod >= shortestAccess],
    ['settlePeriod', 'must be shorter than an access token lives', settlePeriod >= shortestAccess],
    [
      'strikePeriod',
      'must not be shorter than gracePeriod',
      times.strikePeriod > 0 && times.strikePeriod < gracePeriod,
    ],
    [
      'maxReplays',
      'must be at least 1 unless gracePeriod and strikePeriod are 0',
      (gracePeriod > 0 || times.strikePeriod > 0) && times.maxReplays < 1,
    ],
  ];
};
