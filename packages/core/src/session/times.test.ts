import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../errors.ts';
import { type Preset, presets, type SessionTimes } from './presets.ts';
import { validateTimes } from './times.ts';

const optionOf = (own: Record<string, unknown>, preset?: unknown): string | undefined => {
  try {
    validateTimes(preset as Preset, own as Partial<SessionTimes>);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.option;
    throw error;
  }
};

const hour = 3_600_000;
const day = 24 * hour;
const names = Object.keys(presets.default) as (keyof SessionTimes)[];

describe('the presets', () => {
  it('hold together, each of them', () => {
    for (const [name, times] of Object.entries(presets)) {
      expect(validateTimes(name as Preset, {})).toStrictEqual(times);
    }
    expect(validateTimes(undefined, {})).toStrictEqual(presets.default);
  });

  it('default: the numbers of the protocol', () => {
    expect(presets.default).toStrictEqual({
      accessTokenLifetime: 600_000,
      accessTokenJitter: 0.1,
      idleTimeout: 14 * day,
      absoluteTimeout: 30 * day,
      gracePeriod: 10_000,
      settlePeriod: 60_000,
      strikePeriod: 120_000,
      maxReplays: 5,
      maxUnconfirmedReplays: 20,
      maxLateRun: 4,
      regressionPeriod: 60_000,
      rotateAfter: 600_000,
    });
  });

  it('RT-10: strict: no replay, no settling, no strike', () => {
    expect(presets.strict).toStrictEqual({
      ...presets.default,
      gracePeriod: 0,
      settlePeriod: 0,
      strikePeriod: 0,
      maxReplays: 0,
      maxUnconfirmedReplays: 0,
    });
  });

  it('SE-05: aal2 and aal3: the timeouts of NIST SP 800-63B-4', () => {
    expect(presets.default.absoluteTimeout).toBeLessThanOrEqual(30 * day);
    expect(presets.aal2).toMatchObject({ idleTimeout: hour, absoluteTimeout: 24 * hour });
    expect(presets.aal3).toMatchObject({ idleTimeout: hour / 4, absoluteTimeout: 12 * hour });
  });

  it('RT-05, JW-14: all end both ways, with access tokens of at most ten minutes', () => {
    for (const times of Object.values(presets)) {
      expect(times.idleTimeout).toBeLessThanOrEqual(times.absoluteTimeout);
      expect(times.accessTokenLifetime).toBeLessThanOrEqual(600_000);
    }
  });
});

describe('times', () => {
  it('are the preset with the own numbers laid over it', () => {
    expect(validateTimes('aal2', { gracePeriod: 5_000, idleTimeout: hour / 2 })).toStrictEqual({
      ...presets.aal2,
      gracePeriod: 5_000,
      idleTimeout: hour / 2,
    });
    expect(validateTimes('strict', { idleTimeout: undefined } as never)).toStrictEqual(
      presets.strict,
    );
  });

  it('take nothing else from the options', () => {
    const options = { gracePeriod: 1, store: {}, secrets: [] };
    expect(Object.keys(validateTimes(undefined, options))).toStrictEqual(names);
  });

  it('name an unknown preset', () => {
    for (const odd of ['', 'Default', 'aal1', 5, {}, 'constructor', '__proto__', 'toString']) {
      expect(optionOf({}, odd)).toBe('preset');
    }
  });

  it('name an invalid number', () => {
    for (const name of names) {
      for (const odd of [Number.NaN, -1, Infinity, -Infinity, '60', '', true, {}, [], 5n]) {
        // The one number that may be endless: as long as its session.
        if (name === 'accessTokenLifetime' && odd === Infinity) continue;
        expect(optionOf({ [name]: odd })).toBe(name);
      }
    }
  });

  it.each<[string, Record<string, number>, string]>([
    ['an access token of no time', { accessTokenLifetime: 999 }, 'accessTokenLifetime'],
    ['an endless idle timeout', { idleTimeout: Number.POSITIVE_INFINITY }, 'idleTimeout'],
    ['a jitter above a half', { accessTokenJitter: 0.51 }, 'accessTokenJitter'],
    ['access = idle', { accessTokenLifetime: hour, idleTimeout: hour }, 'accessTokenLifetime'],
    ['access > idle', { accessTokenLifetime: 2 * hour, idleTimeout: hour }, 'accessTokenLifetime'],
    ['idle > absolute', { idleTimeout: day + 1, absoluteTimeout: day }, 'idleTimeout'],
    ['W above its cap', { gracePeriod: 30_001 }, 'gracePeriod'],
    [
      'W as long as an access token',
      { gracePeriod: 9_000, accessTokenLifetime: 10_000, settlePeriod: 0 },
      'gracePeriod',
    ],
    [
      'M as long as an access token',
      { settlePeriod: 540_000, accessTokenLifetime: 600_000 },
      'settlePeriod',
    ],
    ['M = rotateAfter', { settlePeriod: 60_000, rotateAfter: 60_000 }, 'settlePeriod'],
    ['S below W', { strikePeriod: 9_999, gracePeriod: 10_000 }, 'strikePeriod'],
    ['W without replays', { maxReplays: 0, gracePeriod: 10_000 }, 'maxReplays'],
    ['S without replays', { maxReplays: 0, strikePeriod: 10_000 }, 'maxReplays'],
    ['an idle timeout of no time', { idleTimeout: 999 }, 'idleTimeout'],
    ['a session of no time', { absoluteTimeout: 999 }, 'absoluteTimeout'],
    ['no room for an access token', { idleTimeout: 1_000 }, 'idleTimeout'],
    ['no room for an access token', { absoluteTimeout: 1_000 }, 'absoluteTimeout'],
    [
      'W that fits into no access token',
      { gracePeriod: 20_000, idleTimeout: 20_000 },
      'gracePeriod',
    ],
    ['idle of more than a century', { idleTimeout: 36_526 * day }, 'idleTimeout'],
    ['an expiry that no token can name', { absoluteTimeout: 2 ** 40 * 1_000 }, 'absoluteTimeout'],
    ['a session of more than a century', { absoluteTimeout: 36_526 * day }, 'absoluteTimeout'],
  ])('A16: name the option of a contradiction: %s', (_, own, option) => {
    expect(optionOf(own)).toBe(option);
  });

  it('take what is just not a contradiction', () => {
    for (const own of [
      { accessTokenLifetime: 1_000, gracePeriod: 0, settlePeriod: 0 },
      { accessTokenJitter: 0.5 },
      { accessTokenLifetime: hour - 1, idleTimeout: hour },
      { accessTokenLifetime: Number.POSITIVE_INFINITY },
      { idleTimeout: day, absoluteTimeout: day },
      { gracePeriod: 30_000 },
      { settlePeriod: 539_999 },
      { strikePeriod: 10_000 },
      { strikePeriod: 0 },
      { gracePeriod: 0, strikePeriod: 0, maxReplays: 0 },
      { absoluteTimeout: 36_525 * day },
    ]) {
      expect(optionOf(own)).toBeUndefined();
    }
  });

  it.each<[string, Partial<SessionTimes>, Partial<SessionTimes>]>([
    ['a short session', { absoluteTimeout: 7 * day }, { idleTimeout: 7 * day }],
    [
      'a very short session',
      { absoluteTimeout: 60_000 },
      { idleTimeout: 60_000, accessTokenLifetime: 30_000, settlePeriod: 13_500 },
    ],
    ['a short idle timeout', { idleTimeout: 300_000 }, { accessTokenLifetime: 150_000 }],
    ['a long idle timeout', { idleTimeout: 60 * day }, { absoluteTimeout: 60 * day }],
    [
      'a long access token',
      { accessTokenLifetime: 20 * day },
      { idleTimeout: 40 * day, absoluteTimeout: 40 * day },
    ],
    [
      'a short access token',
      { accessTokenLifetime: 5_000 },
      { gracePeriod: 2_250, settlePeriod: 2_250 },
    ],
    ['a fast rotation', { rotateAfter: 6_000 }, { gracePeriod: 1_500, settlePeriod: 3_000 }],
    ['a short strike period', { strikePeriod: 4_000 }, { gracePeriod: 4_000 }],
    ['no replays', { maxReplays: 0 }, { gracePeriod: 0, strikePeriod: 0 }],
    [
      'a long settle period',
      { settlePeriod: 900_000 },
      { rotateAfter: 1_800_000, accessTokenLifetime: 2_700_000 },
    ],
    ['an endless access token', { accessTokenLifetime: Infinity }, {}],
  ])('adapt what was left out: %s', (_, own, adapted) => {
    expect(validateTimes(undefined, own)).toStrictEqual({ ...presets.default, ...own, ...adapted });
  });

  it('adapt what was left out only to shorter times where a preset was named', () => {
    expect(validateTimes('aal2', { absoluteTimeout: hour / 2 })).toStrictEqual({
      ...presets.aal2,
      absoluteTimeout: hour / 2,
      idleTimeout: hour / 2,
    });
    expect(optionOf({ idleTimeout: 2 * day }, 'aal2')).toBe('idleTimeout');
    expect(optionOf({ accessTokenLifetime: hour }, 'aal3')).toBe('accessTokenLifetime');
    expect(optionOf({ settlePeriod: hour }, 'default')).toBe('settlePeriod');
    expect(optionOf({ gracePeriod: 5_000 }, 'strict')).toBe('gracePeriod');
    expect(optionOf({ strikePeriod: 5_000 }, 'strict')).toBe('strikePeriod');
  });

  it('keep what was given, and what was left out where nothing contradicts it', () => {
    const some = fc.constantFrom(0, 1_000, 10_000, 60_000, hour, day, 40 * day);
    const own = fc.record(Object.fromEntries(names.map((name) => [name, some])), {
      requiredKeys: [],
    });
    const preset = fc.constantFrom(undefined, ...(Object.keys(presets) as Preset[]));
    fc.assert(
      fc.property(own, preset, (given, name) => {
        const refused = optionOf(given, name);
        const whole = { ...presets[name ?? 'default'], ...given };
        // Never refused for an option that was left out.
        if (refused !== undefined) return refused in given;
        const times = validateTimes(name, given);
        expect(times).toMatchObject(given);
        // What it adapts to would have been accepted as it is.
        expect(validateTimes(name, times)).toStrictEqual(times);
        expect(times).toStrictEqual(optionOf(whole) === undefined ? whole : times);
        return true;
      }),
      { numRuns: 2_000 },
    );
  });

  it('are refused or hold together, whatever they are', () => {
    const some = fc.constantFrom(0, 0.5, 1_000, 10_000, 60_000, hour, day, 40 * day);
    const own = fc.record(Object.fromEntries(names.map((name) => [name, some])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(own, fc.constantFrom(...(Object.keys(presets) as Preset[])), (given, preset) => {
        if (optionOf(given, preset) !== undefined) return;
        const times = validateTimes(preset, given);
        expect(times.gracePeriod).toBeLessThan(times.accessTokenLifetime);
        expect(times.accessTokenLifetime).toBeLessThan(times.idleTimeout);
        expect(times.idleTimeout).toBeLessThanOrEqual(times.absoluteTimeout);
        expect(times.gracePeriod).toBeLessThanOrEqual(30_000);
        expect(times.settlePeriod).toBeLessThan(times.rotateAfter);
      }),
    );
  });
});
