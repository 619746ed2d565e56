import type { RotationPolicy } from '../store/rotation.ts';

/** The times and limits of a deployment. Periods and lifetimes in ms. */
export interface SessionTimes extends RotationPolicy {
  /**
   * How long after a rotation `sessions.resume` rotates the session token again: the interval at which
   * a session cookie rotates. At least 1,000 ms. Default 10 minutes.
   */
  readonly rotateAfter: number;
  /**
   * The longest lifetime of an access token. `Infinity`: as long as its session; for opaque tokens
   * only, which are checked against the store each time.
   */
  readonly accessTokenLifetime: number;
  /** 0 to 0.5: the largest share by which the lifetime of an access token is shortened at random. */
  readonly accessTokenJitter: number;
  /** A session expires after this time without activity. */
  readonly idleTimeout: number;
  /** A session expires this long after its creation, whatever happens. */
  readonly absoluteTimeout: number;
}

/** The name of a set of times; see `presets`. */
export type Preset = 'default' | 'strict' | 'aal2' | 'aal3';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const defaults: SessionTimes = {
  accessTokenLifetime: 10 * minute,
  accessTokenJitter: 0.1,
  idleTimeout: 14 * day,
  absoluteTimeout: 30 * day,
  gracePeriod: 10 * second,
  settlePeriod: 60 * second,
  strikePeriod: 120 * second,
  maxReplays: 5,
  maxUnconfirmedReplays: 20,
  maxLateRun: 4,
  regressionPeriod: 60 * second,
  rotateAfter: 10 * minute,
};

/**
 * The sets of times that `preset` names:
 * - `default`: lost replies and races never log a user out;
 * - `strict`: every replay of a refresh token revokes the session (ASVS 5.0 V10.4.5);
 * - `aal2`, `aal3`: the timeouts of NIST SP 800-63B-4.
 */
export const presets: Readonly<Record<Preset, SessionTimes>> = {
  default: defaults,
  strict: {
    ...defaults,
    gracePeriod: 0,
    settlePeriod: 0,
    strikePeriod: 0,
    maxReplays: 0,
    maxUnconfirmedReplays: 0,
  },
  aal2: { ...defaults, idleTimeout: hour, absoluteTimeout: 24 * hour },
  aal3: {
    ...defaults,
    accessTokenLifetime: 5 * minute,
    idleTimeout: 15 * minute,
    absoluteTimeout: 12 * hour,
  },
};
