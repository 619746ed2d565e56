import type { RotationPolicy } from '@pawl/core';
import {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  generationRecord,
  newSession,
  replayInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { perform, type SessionCall } from './call.ts';
import { SessionModel } from './model.ts';
import { comparableRecords, predictablePart } from './race-check.ts';
import { readLive, type SessionSuite, type SessionTrial } from './trial.ts';

/** One session through every kind of call. After each one the record is complete, on both nodes. */
export const registerLife = (suite: SessionSuite): void =>
  suite.group('session life', () => {
    for (const [name, deviceId, opaque] of [
      ['with opaque access tokens', 'phone', true],
      ['without opaque access tokens', null, false],
    ] as const) {
      suite.test(`a session goes through every kind of call ${name}`, async (t) => {
        const accessHash = (generation: number): Uint8Array | null =>
          opaque ? seededBytes(`access ${generation}`, 16) : null;
        const first = generationRecord(0, name, { accessHash: accessHash(0) });
        const session = newSession({ deviceId, first });
        const calls = life(session.sessionId, name, accessHash);
        await live(t, [{ verb: 'create', session }, ...calls], session.sessionId);
      });
    }

    suite.test('a record with the largest value of every field is stored unchanged', async (t) => {
      const session = newSession({
        first: generationRecord(0, 'large', { kid: 65_535, issuedAt: 4_294_967_295 }),
        idleTimeout: 100 * 365 * 86_400_000,
        expiresAt: Date.UTC(2120, 0),
      });
      const { sessionId } = session;
      const model = new SessionModel();
      await step(t, model, { verb: 'create', session }, sessionId);
      const policy = { ...lateOnly, maxUnconfirmedReplays: 200, maxLateRun: 1_000 };
      const tokenHash = generationRecord(0, 'large').tokenHash;
      const next = generationRecord(1, 'large');
      const rotate = rotationInput(sessionId, 0, { tokenHash, next, policy: strictPolicy });
      await step(t, model, { verb: 'rotate', input: rotate }, sessionId);
      for (let i = 0; i < 130; i++) {
        const late = replayInput(sessionId, 0, { tokenHash, policy });
        await t.store.sessions.rotate(late);
        model.apply({ verb: 'rotate', input: late }, t.now(), null);
      }
      t.same((await readLive(t, sessionId)).replays, 130);
      await step(t, model, { verb: 'touch', sessionId, generation: 1 }, sessionId);
    });
  });

const lateOnly: RotationPolicy = { ...strictPolicy, maxUnconfirmedReplays: 20 };
const striking: RotationPolicy = { ...strictPolicy, strikePeriod: 3_600_000, maxReplays: 5 };

/** Returns the calls after `create`. */
const life = (
  sessionId: string,
  line: string,
  accessHash: (generation: number) => Uint8Array | null,
): SessionCall[] => {
  const tokenOf = (generation: number): ReturnType<typeof generationRecord> =>
    generationRecord(generation, line, { accessHash: accessHash(generation) });
  const rotate = (generation: number, policy: RotationPolicy = strictPolicy): SessionCall => ({
    verb: 'rotate',
    input: rotationInput(sessionId, generation, {
      tokenHash: tokenOf(generation).tokenHash,
      next: tokenOf(generation + 1),
      policy,
    }),
  });
  const replay = (generation: number, policy: RotationPolicy): SessionCall => ({
    verb: 'rotate',
    input: replayInput(sessionId, generation, {
      tokenHash: tokenOf(generation).tokenHash,
      policy,
    }),
  });
  const write = (version: number): SessionCall => ({
    verb: 'writeData',
    input: dataWriteInput(sessionId, version),
  });
  const elevate: SessionCall = {
    verb: 'elevate',
    input: elevationInput(sessionId, 5, { next: tokenOf(6) }),
  };
  const calls: SessionCall[] = [
    rotate(0),
    replay(0, defaultPolicy),
    write(0),
    replay(0, lateOnly),
    rotate(1),
    replay(1, lateOnly),
    replay(1, lateOnly),
    write(1),
    { verb: 'touch', sessionId, generation: 2 },
    replay(1, striking),
    rotate(2, defaultPolicy),
    rotate(2),
    write(2),
    write(3),
    rotate(3),
    write(4),
    rotate(4),
    replay(4, lateOnly),
    elevate,
    { verb: 'find', sessionId, activity: { generation: 6, interval: 0 } },
    rotate(6),
    replay(6, lateOnly),
    { verb: 'touch', sessionId, generation: 8 },
    rotate(7),
    write(5),
    rotate(7, { ...strictPolicy, regressionPeriod: 0 }),
    { verb: 'revoke', input: revokeInput(sessionId) },
    rotate(7),
  ];
  return calls;
};

const live = async (
  t: SessionTrial,
  calls: readonly SessionCall[],
  sessionId: string,
): Promise<void> => {
  const model = new SessionModel();
  for (const call of calls) {
    await step(t, model, call, sessionId);
    await t.wait(1);
  }
};

const step = async (
  t: SessionTrial,
  model: SessionModel,
  call: SessionCall,
  sessionId: string,
): Promise<void> => {
  const result = await perform(t.store.sessions, call);
  const expected = model.apply(call, t.now(), result);
  t.same(predictablePart(t, call, result), predictablePart(t, call, expected), call.verb);
  const record = await readLive(t, sessionId);
  t.same(
    comparableRecords(t, [record]),
    comparableRecords(t, model.records.values()),
    `after ${call.verb}`,
  );
  t.same((await t.second.sessions.find(sessionId))?.record, record, 'on the other node');
  const { records } = await t.store.sessions.list(record.userId);
  t.same(records, record.revokedAt === null ? [record] : [], 'in the list');
};
