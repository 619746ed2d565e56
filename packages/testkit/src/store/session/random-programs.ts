import { isPawlError, type RotationPolicy } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';
import fc from 'fast-check';
import {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  generationRecord,
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { propertyOptions } from '../../harness/property-options.ts';
import { perform, type SessionCall } from './call.ts';
import { SessionModel } from './model.ts';
import { checkTimes, comparableRecords, predictablePart } from './race-check.ts';
import { readAll, type SessionSuite, type SessionTrial } from './trial.ts';

/** A step of a random program. It is turned into a call when its turn comes. */
type Step =
  | { readonly step: 'wait'; readonly ms: number }
  /** One of the last calls is sent again. */
  | { readonly step: 'again'; readonly back: number }
  | {
      readonly step: SessionCall['verb'];
      /** Selects the session or the user. */
      readonly pick: number;
      readonly behind: number;
      readonly variant: number;
      readonly policy: RotationPolicy;
    };

const policies: RotationPolicy[] = [
  defaultPolicy,
  strictPolicy,
  { ...defaultPolicy, settlePeriod: 0 },
  { ...defaultPolicy, maxReplays: 1, maxUnconfirmedReplays: 2 },
  { ...strictPolicy, maxUnconfirmedReplays: 2 },
  { ...strictPolicy, strikePeriod: 120_000, maxReplays: 2 },
  { ...defaultPolicy, maxLateRun: 2 },
  { ...defaultPolicy, regressionPeriod: 0 },
];

const verbs: SessionCall['verb'][] = [
  ...Array<'rotate'>(8).fill('rotate'),
  ...(['create', 'create', 'find', 'find', 'touch', 'elevate', 'writeData'] as const),
  ...(['revoke', 'revokeAll', 'list', 'deleteExpired'] as const),
];

const waits = [1, 999, 1_000, 5_000, 9_999, 10_001, 59_999, 60_000, 89_999, 120_001, -500, -1_500];

const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constantFrom(...verbs),
      pick: fc.nat(7),
      behind: fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 3, 4, 5, 6, -1),
      variant: fc.nat(11),
      policy: fc.constantFrom(...policies),
    }),
  },
  { weight: 1, arbitrary: fc.record({ step: fc.constant('wait'), ms: fc.constantFrom(...waits) }) },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant('again'), back: fc.constantFrom(1, 1, 1, 2, 3) }),
  },
);

const aProgram: fc.Arbitrary<Step[]> = fc
  .array(aStep, { minLength: 4, maxLength: 40, size: 'max' })
  .map((steps) => [
    { step: 'create', pick: 0, behind: 0, variant: 0, policy: defaultPolicy },
    ...steps,
  ]);

/** Random programs, run on the store and on the model. */
export const registerRandomPrograms = (suite: SessionSuite): void =>
  suite.group('random session programs', () => {
    suite.test('the store returns and stores the same as the model', async (t) => {
      await fc.assert(
        fc.asyncProperty(aProgram, (program) => run(t, program)),
        propertyOptions(suite.options, suite.options.runs ?? 100),
      );
    });
  });

const run = async (t: SessionTrial, program: readonly Step[]): Promise<void> => {
  const model = new SessionModel();
  const users = [newUserId(), newUserId()] as const;
  const ids = new Set<string>();
  const calls: SessionCall[] = [];
  let lastRead: ReadonlyMap<string, SessionRecord> = new Map();
  for (const [index, step] of program.entries()) {
    if (step.step === 'wait') {
      // On a real clock the periods above are too long to wait for.
      if (t.clock) await t.clock.advance(step.ms);
      continue;
    }
    const progress = { t, model, users, ids: [...ids], index };
    const call = step.step === 'again' ? calls.at(-step.back) : callFor(step, progress);
    if (!call) continue;
    calls.push(call);
    if (call.verb === 'create') ids.add(call.session.sessionId);
    const begin = t.now();
    const result = await settle(() => perform(t.store.sessions, call));
    const end = t.now();
    const expected = await settle(async () => model.apply(call, t.now(), result));
    const message = `step ${index} of the program, ${call.verb}`;
    t.same(predictablePart(t, call, result), predictablePart(t, call, expected), message);
    const records = await readAll(t, ids);
    checkTimes(t, { before: lastRead, begin, end }, [result], records);
    lastRead = new Map(records.map((record) => [record.sessionId, record]));
    t.same(
      comparableRecords(t, records),
      comparableRecords(t, model.records.values()),
      `records after ${message}`,
    );
  }
};

/** Returns the result of a call, or the code of its error. */
const settle = (call: () => Promise<unknown>): Promise<unknown> =>
  call().catch((error: unknown) => {
    if (isPawlError(error)) return { kind: error.code };
    throw error;
  });

interface Progress {
  readonly t: SessionTrial;
  readonly model: SessionModel;
  readonly users: readonly [string, string];
  readonly ids: readonly string[];
  readonly index: number;
}

const callFor = (
  { step, pick, behind, variant, policy }: Exclude<Step, { step: 'wait' | 'again' }>,
  { t, model, users, ids, index }: Progress,
): SessionCall => {
  const seed = `step ${index}`;
  const userId = users[pick % 2] as string;
  const sessionId = ids[pick % ids.length] ?? '';
  const record = model.records.get(sessionId);
  const generation = Math.max(0, (record?.generation ?? 0) - behind);
  switch (step) {
    case 'create':
      return aCreation(t, userId, variant);
    case 'find':
      return variant === 0
        ? { verb: 'find', sessionId }
        : { verb: 'find', sessionId, activity: { generation, interval: (variant % 3) * 30_000 } };
    case 'rotate': {
      const tokenHash = variant === 0 ? seededBytes('forged', 32) : hashOf(record, generation);
      const next = generationRecord(generation + 1, seed);
      const input = rotationInput(sessionId, generation, { tokenHash, next, policy });
      return { verb: 'rotate', input };
    }
    case 'elevate': {
      const next = { next: generationRecord(generation + 1, seed) };
      return { verb: 'elevate', input: elevationInput(sessionId, generation, next) };
    }
    case 'writeData': {
      const version = (record?.dataVersion ?? 0) + (variant % 4 === 0 ? 1 : 0);
      return { verb: 'writeData', input: dataWriteInput(sessionId, version) };
    }
    case 'touch':
      return { verb: 'touch', sessionId, generation };
    case 'revoke':
      return {
        verb: 'revoke',
        input: revokeInput(sessionId, `reason ${variant}`, variant > 3 ? { userId } : {}),
      };
    case 'revokeAll':
      return {
        verb: 'revokeAll',
        input: revokeAllInput(userId, 'logout', selections(sessionId)[variant % 4]),
      };
    case 'list':
      return { verb: 'list', userId };
    case 'deleteExpired':
      return { verb: 'deleteExpired' };
  }
};

const selections = (exceptSessionId: string): { exceptSessionId?: string; deviceId?: string }[] => [
  {},
  { exceptSessionId },
  { deviceId: 'device 1' },
  { exceptSessionId, deviceId: 'device 1' },
];

const aCreation = (t: SessionTrial, userId: string, variant: number): SessionCall => {
  const session = newSession({
    userId,
    deviceId: variant % 3 === 0 ? null : `device ${variant % 3}`,
    // On a real clock nothing may expire, because the moment could not be predicted.
    ...(t.clock && variant % 4 === 1 && { idleTimeout: 150_000 }),
    ...(t.clock && variant % 4 === 2 && { expiresAt: t.now() + 250_000 }),
  });
  if (variant < 6) return { verb: 'create', session };
  const policy = variant % 2 === 0 ? 'evict_oldest' : 'refuse';
  return { verb: 'create', session, limit: { max: variant < 9 ? 2 : 1, policy } };
};

/** Returns the hash that the record holds for a generation, completed with other bytes if shortened. */
const hashOf = (record: SessionRecord | undefined, generation: number): Uint8Array => {
  const unknown = seededBytes(`unknown ${generation}`, 32);
  if (!record) return unknown;
  const behind = record.generation - generation;
  if (behind === 0) return record.tokenHash;
  const known = record.ring.subarray((behind - 1) * 8, behind * 8);
  return Uint8Array.from([...known, ...unknown.subarray(known.length)]);
};
