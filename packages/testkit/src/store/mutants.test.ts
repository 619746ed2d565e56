import { StoreUnavailableError } from '@pawl/core';
import type { SessionRecord, Store } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import { createMapStore } from '../../examples/map-store/map-store.ts';
import { createTestClock } from '../harness/clock.ts';
import { collectTests, type Register } from '../harness/collect.ts';
import type { StoreOutage, StoreUnderTest } from '../harness/factory.ts';
import { testApiKeyStore } from './api-keys.ts';
import { testBlocklistStore } from './blocklist.ts';
import { testLeaseStore } from './leases.ts';
import { testRateLimitStore } from './rate-limits.ts';
import { testSessionStore } from './sessions.ts';
import { testSingleUseStore } from './single-use.ts';

/** A right store, of which a mutant is made. */
interface Right extends Store {
  /** Runs a call while the store's clock is `ms` ahead; what it returns as `now` is right. */
  readonly ahead: <T>(ms: number, call: () => Promise<T>) => Promise<T>;
}

/** Verbs that replace those of a right store. */
type Mutation = (right: Right) => { readonly [Part in keyof Store]?: Partial<Store[Part]> };

const createMutant = (mutation: Mutation): StoreUnderTest => {
  const clock = createTestClock();
  let lead = 0;
  const store = createMapStore(() => clock.now() + lead);
  const ahead: Right['ahead'] = async (ms, call) => {
    lead = ms;
    // The map store reads its clock before the call returns.
    const pending = call();
    lead = 0;
    const result = await pending;
    const isTimed = typeof result === 'object' && result !== null && 'now' in result;
    return isTimed ? { ...result, now: clock.now() } : result;
  };
  const changed = mutation({ ...store, ahead });
  const parts = Object.entries(store).map(([part, verbs]) => [
    part,
    { ...verbs, ...changed[part as keyof Store] },
  ]);
  return { store: Object.fromEntries(parts) as unknown as Store, clock };
};

const suites = {
  sessions: testSessionStore,
  blocklist: testBlocklistStore,
  singleUse: testSingleUseStore,
  apiKeys: testApiKeyStore,
  leases: testLeaseStore,
  rateLimits: testRateLimitStore,
} as const;

type Part = keyof typeof suites;

/** Runs the tests of a part until one fails, and returns its name; null if none does. */
const firstFailure = async (
  part: Part,
  factory: () => StoreUnderTest,
  names: RegExp = /./,
): Promise<string | null> => {
  const register: Register = (runner) => suites[part](runner, factory, { runs: 30, rounds: 1 });
  for (const { name, run } of collectTests(register, expect)) {
    if (!names.test(name)) continue;
    const failed = await run({ skip: () => undefined }).then(
      () => false,
      () => true,
    );
    if (failed) return name;
  }
  return null;
};

describe('one millisecond', () => {
  const sides = [
    ['early', -1],
    ['late', 1],
  ] as const;

  describe.each(sides)('too %s', (_, ms) => {
    /** Every time rule of every port: what the rule reads is off by `ms`. */
    const rules: readonly (readonly [Part, string, Mutation])[] = [
      ...(['gracePeriod', 'settlePeriod', 'strikePeriod', 'regressionPeriod'] as const).map(
        (period): readonly [Part, string, Mutation] => [
          'sessions',
          `the ${period}`,
          ({ sessions }) => ({
            sessions: {
              rotate: ({ policy, ...input }) => {
                const length = policy[period] === 0 ? 0 : policy[period] + ms;
                return sessions.rotate({ ...input, policy: { ...policy, [period]: length } });
              },
            },
          }),
        ],
      ),
      [
        'sessions',
        'the interval of activity',
        ({ sessions }) => ({
          sessions: {
            find: (id, activity) =>
              sessions.find(
                id,
                activity && { ...activity, interval: Math.max(0, activity.interval + ms) },
              ),
          },
        }),
      ],
      ...(['idleTimeout', 'expiresAt'] as const).map((field): readonly [Part, string, Mutation] => [
        'sessions',
        `the ${field}, but not in records`,
        ({ sessions }) => {
          const show = (record: SessionRecord): SessionRecord => ({
            ...record,
            [field]: record[field] - ms,
          });
          const showIn = <R>(result: R): R => {
            const { record, records } = (result ?? {}) as {
              record?: SessionRecord;
              records?: SessionRecord[];
            };
            if (record) return { ...result, record: show(record) };
            return records ? { ...result, records: records.map(show) } : result;
          };
          return {
            sessions: {
              create: async (session, limit) =>
                showIn(await sessions.create({ ...session, [field]: session[field] + ms }, limit)),
              find: async (...input) => showIn(await sessions.find(...input)),
              rotate: async (input) => showIn(await sessions.rotate(input)),
              elevate: async (input) => showIn(await sessions.elevate(input)),
              writeData: async (input) => showIn(await sessions.writeData(input)),
              list: async (...input) => showIn(await sessions.list(...input)),
            },
          };
        },
      ]),
      ...(
        [
          'create',
          'find',
          'rotate',
          'elevate',
          'writeData',
          'touch',
          'revoke',
          'revokeAll',
          'list',
          'deleteExpired',
        ] as const
      ).map((verb): readonly [Part, string, Mutation] => [
        'sessions',
        `the clock of ${verb}`,
        ({ sessions, ahead }) => ({
          sessions: {
            [verb]: (...input: never[]) =>
              ahead(-ms, () => (sessions[verb] as (...all: never[]) => Promise<unknown>)(...input)),
          },
        }),
      ]),
      [
        'blocklist',
        'the expiry of an id',
        ({ blocklist }) => ({
          blocklist: { revoke: (id, expiresAt) => blocklist.revoke(id, expiresAt + ms) },
        }),
      ],
      [
        'blocklist',
        'the clock of deleteExpired',
        ({ blocklist, ahead }) => ({
          blocklist: { deleteExpired: () => ahead(-ms, () => blocklist.deleteExpired()) },
        }),
      ],
      [
        'singleUse',
        'the lifetime of a value',
        ({ singleUse }) => ({
          singleUse: {
            put: (key, value, ttl, callId) => singleUse.put(key, value, ttl + ms, callId),
          },
        }),
      ],
      ...(['put', 'take', 'deleteExpired'] as const).map(
        (verb): readonly [Part, string, Mutation] => [
          'singleUse',
          `the clock of ${verb}`,
          ({ singleUse, ahead }) => ({
            singleUse: {
              [verb]: (...input: never[]) =>
                ahead(-ms, () =>
                  (singleUse[verb] as (...all: never[]) => Promise<unknown>)(...input),
                ),
            },
          }),
        ],
      ),
      [
        'apiKeys',
        'the expiry of a key, but not in records',
        ({ apiKeys }) => {
          const show = <R extends { expiresAt: number | null }>(record: R): R => ({
            ...record,
            expiresAt: record.expiresAt === null ? null : record.expiresAt - ms,
          });
          return {
            apiKeys: {
              create: async ({ expiresAt, ...key }) =>
                show(
                  await apiKeys.create({
                    ...key,
                    expiresAt: expiresAt === null ? null : expiresAt + ms,
                  }),
                ),
              find: async (...input) => {
                const found = await apiKeys.find(...input);
                return found && { ...found, record: show(found.record) };
              },
              list: async (userId) => (await apiKeys.list(userId)).map(show),
            },
          };
        },
      ],
      [
        'apiKeys',
        'the interval of use',
        ({ apiKeys }) => ({
          apiKeys: {
            find: (id, interval) => apiKeys.find(id, interval && Math.max(0, interval + ms)),
          },
        }),
      ],
      ...(['create', 'find', 'list', 'revoke', 'revokeAll', 'deleteExpired'] as const).map(
        (verb): readonly [Part, string, Mutation] => [
          'apiKeys',
          `the clock of ${verb}`,
          ({ apiKeys, ahead }) => ({
            apiKeys: {
              [verb]: (...input: never[]) =>
                ahead(-ms, () =>
                  (apiKeys[verb] as (...all: never[]) => Promise<unknown>)(...input),
                ),
            },
          }),
        ],
      ),
      [
        'leases',
        'the time of a grant',
        ({ leases }) => ({
          leases: { acquire: (name, ttl, callId) => leases.acquire(name, ttl + ms, callId) },
        }),
      ],
      [
        'leases',
        'the time of a renewal',
        ({ leases }) => ({
          leases: { renew: (name, lease, ttl) => leases.renew(name, lease, ttl + ms) },
        }),
      ],
      ...(['acquire', 'renew'] as const).map((verb): readonly [Part, string, Mutation] => [
        'leases',
        `the clock of ${verb}`,
        ({ leases, ahead }) => ({
          leases: {
            [verb]: (...input: never[]) =>
              ahead(-ms, () => (leases[verb] as (...all: never[]) => Promise<unknown>)(...input)),
          },
        }),
      ]),
      ...(['consume', 'deleteExpired'] as const).map((verb): readonly [Part, string, Mutation] => [
        'rateLimits',
        `the clock of ${verb}`,
        ({ rateLimits, ahead }) => ({
          rateLimits: {
            [verb]: (...input: never[]) =>
              ahead(-ms, () =>
                (rateLimits[verb] as (...all: never[]) => Promise<unknown>)(...input),
              ),
          },
        }),
      ]),
    ];

    it.each(rules)('%s: %s', { timeout: 60_000 }, async (part, _rule, mutation) => {
      const failure = await firstFailure(part, () => createMutant(mutation));
      expect(failure).not.toBeNull();
    });
  });
});

it('a session that survived one sweep must be deleted later', async () => {
  const names = /moves the idle expiry/;
  const factory = (): StoreUnderTest =>
    createMutant(({ sessions }) => {
      const created = new Set<string>();
      const survivors = new Map<string, SessionRecord>();
      return {
        sessions: {
          create: (session, limit) => {
            created.add(session.sessionId);
            return sessions.create(session, limit);
          },
          find: async (id, activity) => {
            const found = await sessions.find(id, activity);
            const record = survivors.get(id);
            return found ?? (record ? { record, now: record.expiresAt, touchDue: false } : null);
          },
          deleteExpired: async () => {
            const before = await Promise.all([...created].map((id) => sessions.find(id)));
            const count = await sessions.deleteExpired();
            for (const found of before) {
              const isUsed = found && found.record.lastActiveAt > found.record.createdAt;
              if (isUsed) survivors.set(found.record.sessionId, found.record);
            }
            return count;
          },
        },
      };
    });
  expect(await firstFailure('sessions', factory, names)).toContain('moves the idle expiry');
});

describe.each(Object.keys(suites) as Part[])('an outage of %s', (part) => {
  const withOutage =
    (during: (verb: string) => Promise<unknown>): (() => StoreUnderTest) =>
    () => {
      const { store, clock } = createMutant(() => ({}));
      return { store, ...(clock && { clock }), outage: () => failing(store, during) };
    };
  const run = (during: (verb: string) => Promise<unknown>): Promise<string | null> =>
    firstFailure(part, withOutage(during), / outage > every verb/);
  const unavailable = (): Promise<never> =>
    Promise.reject(new StoreUnavailableError({ cause: new Error('ECONNREFUSED') }));

  it('StoreUnavailableError passes', async () => {
    expect(await run(unavailable)).toBeNull();
  });

  it.each<[string, () => Promise<unknown>]>([
    ['null', async () => null],
    ['undefined', async () => undefined],
    ['false', async () => false],
    ['0', async () => 0],
    ['missing', async () => 'missing'],
    ['an empty list', async () => []],
    ['a plain Error', () => Promise.reject(new Error('ECONNREFUSED'))],
    ['an error of Pawl without its cause', () => Promise.reject(new StoreUnavailableError())],
  ])('%s fails', async (_, during) => {
    expect(await run(during)).toContain('every verb throws StoreUnavailableError');
  });

  it('null of any single verb fails', async () => {
    const { store } = createMutant(() => ({}));
    for (const wrong of Object.keys(store[part]).filter((verb) => verb !== 'subscribe')) {
      const during = (verb: string): Promise<unknown> =>
        verb === wrong ? Promise.resolve(null) : unavailable();
      expect([wrong, await run(during)]).toEqual([wrong, expect.any(String)]);
    }
  });
});

/** A store whose verbs do something else during an outage. */
const failing = (store: Store, during: (verb: string) => Promise<unknown>): StoreOutage => {
  let isDown = false;
  const parts = Object.entries(store).map(([part, verbs]) => [
    part,
    Object.fromEntries(
      Object.entries(verbs as Record<string, (...input: unknown[]) => unknown>).map(
        ([verb, call]) => [verb, (...input: unknown[]) => (isDown ? during(verb) : call(...input))],
      ),
    ),
  ]);
  return {
    store: Object.fromEntries(parts) as unknown as Store,
    begin: () => {
      isDown = true;
    },
    end: () => {
      isDown = false;
    },
  };
};
