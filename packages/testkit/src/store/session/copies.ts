import { isBytes } from '@pawl/core/internal';
import type { GenerationRecord, NewSession, RotationInput, SessionRecord } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  generationRecord,
  newCallId,
  newSession,
  newUserId,
  replayInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { createRotatedSession } from './presentation.ts';
import { readAll, readLive, type SessionSuite } from './trial.ts';

/** A store copies what it is given and what it returns. */
export const registerCopies = (suite: SessionSuite): void =>
  suite.group('session copies', () => {
    suite.test('the input of create can be overwritten', async (t) => {
      const session = newSession();
      const given = buffered(session);
      await t.store.sessions.create(given);
      const before = await readLive(t, session.sessionId);
      t.same(before.tokenHash, session.first.tokenHash);
      const kept = structuredClone(before);
      scribble(given.first);
      t.same(await readLive(t, session.sessionId), kept);
    });

    suite.test('the inputs of rotate and elevate can be overwritten', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const input = buffered(rotationInput(session.sessionId, 0));
      await t.store.sessions.rotate(input);
      scribble(input.next);
      const { tokenHash, salt, accessHash } = rotationInput(session.sessionId, 0).next;
      const rotated = await readLive(t, session.sessionId);
      t.same([rotated.tokenHash, rotated.salt, rotated.accessHash], [tokenHash, salt, accessHash]);
      const step = buffered(elevationInput(session.sessionId, 1));
      await t.store.sessions.elevate(step);
      scribble(step.next);
      const elevated = await readLive(t, session.sessionId);
      t.same(elevated.tokenHash, elevationInput(session.sessionId, 1).next.tokenHash);
    });

    suite.test('the result of any verb can be overwritten', async (t) => {
      const session = newSession();
      const { sessionId, userId } = session;
      const { sessions } = t.store;
      const created = await sessions.create(session);
      await sessions.rotate(rotationInput(sessionId, 0));
      await sessions.rotate(rotationInput(sessionId, 1));
      const results = [
        created,
        await sessions.find(sessionId),
        await sessions.find(sessionId, { generation: 1, interval: 0 }),
        await sessions.rotate(rotationInput(sessionId, 1)),
        await sessions.rotate(replayInput(sessionId, 0)),
        await sessions.elevate(elevationInput(sessionId, 1)),
        await sessions.elevate(elevationInput(sessionId, 1)),
        await sessions.elevate(
          elevationInput(sessionId, 1, { next: generationRecord(2, 'another') }),
        ),
        await sessions.writeData(dataWriteInput(sessionId, 0)),
        await sessions.writeData(dataWriteInput(sessionId, 0)),
        ...(await sessions.list(userId)).records.map((record) => ({ record })),
      ];
      const kept = structuredClone(await readLive(t, sessionId));
      for (const result of results) {
        if (!result || !('record' in result)) continue;
        scribble(result.record);
        t.same(await readLive(t, sessionId), kept);
      }
    });

    suite.test('the callIds of inputs can be overwritten', async (t) => {
      const userId = newUserId();
      const { sessions } = t.store;
      const [evicted, kept, ended] = [1, 2, 3].map(() => newSession({ userId }));
      if (!evicted || !kept || !ended) return;
      const { sessionId } = kept;
      const policy = { ...strictPolicy, regressionPeriod: 0 };
      const given: Uint8Array[] = [];
      const callId = (): Uint8Array => {
        const view = viewOf(newCallId());
        given.push(view);
        return view;
      };
      await sessions.create(evicted);
      await t.wait(1);
      const limit = { max: 1, policy: 'evict_oldest' } as const;
      await sessions.create({ ...kept, callId: callId() }, limit);
      await sessions.writeData(dataWriteInput(sessionId, 0, { callId: callId() }));
      await sessions.writeData(dataWriteInput(sessionId, 1, { callId: callId() }));
      await sessions.rotate(rotationInput(sessionId, 0));
      await sessions.rotate(replayInput(sessionId, 0, { callId: callId() }));
      await sessions.create(ended);
      await sessions.rotate(rotationInput(ended.sessionId, 1, { callId: callId(), policy }));
      const ids = [evicted, kept, ended].map((session) => session.sessionId);
      const before = structuredClone(await readAll(t, ids));
      t.same(
        before.map(({ revokedBy, lastCallId, dataCallIds }) => [
          revokedBy !== null,
          lastCallId !== null,
          dataCallIds.length,
        ]),
        [
          [true, false, 0],
          [false, true, 32],
          [true, false, 0],
        ],
      );
      for (const bytes of given) bytes.fill(0xee);
      t.same(await readAll(t, ids), before);
      const last = callId();
      await sessions.revoke(revokeInput(sessionId, 'logout', { callId: last }));
      const revokedBy = Uint8Array.from(last);
      last.fill(0xee);
      t.same((await readLive(t, sessionId)).revokedBy, revokedBy);
    });

    suite.test('the callIds of a returned record can be overwritten', async (t) => {
      const sessionId = await createRotatedSession(t, 1);
      const { sessions } = t.store;
      await sessions.writeData(dataWriteInput(sessionId, 0));
      for (const input of [
        replayInput(sessionId, 0),
        replayInput(sessionId, 0, { policy: strictPolicy }),
      ]) {
        const outcome = await sessions.rotate(input);
        const before = structuredClone(await readLive(t, sessionId));
        t.same([before.lastCallId === null, before.dataCallIds.length], [false, 16]);
        if ('record' in outcome) scribble(outcome.record);
        t.same(await readLive(t, sessionId), before, 'after rotate');
        scribble(await readLive(t, sessionId));
        t.same(await readLive(t, sessionId), before, 'after find');
      }
      t.same((await readLive(t, sessionId)).revokedBy === null, false);
    });

    suite.test('two results share no bytes', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const first = await readLive(t, session.sessionId);
      const second = await readLive(t, session.sessionId);
      scribble(first);
      t.same(second.tokenHash, session.first.tokenHash);
    });
  });

/** Overwrites every byte array of a record. */
const scribble = (value: SessionRecord | GenerationRecord): void => {
  for (const part of Object.values(value)) if (isBytes(part)) part.fill(0xee);
};

/** Returns the same bytes as a view of a larger buffer. */
const viewOf = (part: Uint8Array): Uint8Array =>
  Buffer.concat([seededBytes('x', 5), part]).subarray(5);

/**
 * Returns the input with its bytes as views of a larger buffer, whose `slice` does not copy. A driver
 * may keep such views.
 */
const buffered = <T extends NewSession | RotationInput | { readonly next: GenerationRecord }>(
  value: T,
): T => {
  const convert = (token: GenerationRecord): GenerationRecord => ({
    ...token,
    tokenHash: viewOf(token.tokenHash),
    salt: viewOf(token.salt),
    accessHash: token.accessHash && viewOf(token.accessHash),
  });
  return 'first' in value
    ? { ...value, first: convert(value.first) }
    : { ...value, next: convert(value.next) };
};
