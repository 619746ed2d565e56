import type { RotationPolicy } from '../store/rotation.ts';

/** All the times and counts of a deployment. Periods and lifetimes in ms. */
export interface SessionTimes extends RotationPolicy {
  /**
   * How long after a rotation `resume` replaces a session token by the next one: so often a
   * session cookie rotates. Default 10 minutes.
   */
  readonly rotateAfter: number;
  /**
   * How long an access token lives at most. `Infinity`: as long as its session, for a
   * service that asks the store at every check and hands out nothing else. Opaque only.
   */
  readonly accessTokenLifetime: number;
  /** 0 … 0.5: by which share of it, at most, each access token's lifetime is shortened. */
  readonly accessTokenJitter: number;
  /** A session that nobody uses for so long expires. */
  readonly idleTimeout: number;
  /** A session expires so long after its login, whatever happens. */
  readonly absoluteTimeout: number;
}

/** The name of a set of times: see {@link presets}. */
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
 * - `default`: lost replies and races never log anybody out.
 * - `strict`: every replay revokes (ASVS 5.0 V10.4.5).
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
