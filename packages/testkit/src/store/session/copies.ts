import type { GenerationRecord, NewSession, RotationInput, SessionRecord } from '@pawl/core/store';
import { elevationInput, newSession, rotationInput, seededBytes } from '../../fixtures/builders.ts';
import { readLive, type SessionSuite } from './trial.ts';

/** A store copies what it is given and what it returns. */
export const registerCopies = (suite: SessionSuite): void =>
  suite.group('session copies', () => {
    suite.test('the input of create can be overwritten', async (t) => {
      const session = newSession();
      const given = withBufferViews(session);
      await t.store.sessions.create(given);
      const before = await readLive(t, session.sessionId);
      t.same(before.tokenHash, session.first.tokenHash);
      const kept = structuredClone(before);
      overwriteBytes(given.first);
      t.same(await readLive(t, session.sessionId), kept);
    });

    suite.test('the inputs of rotate and elevate can be overwritten', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const input = withBufferViews(rotationInput(session.sessionId, 0));
      await t.store.sessions.rotate(input);
      overwriteBytes(input.next);
      const { tokenHash, salt, accessHash } = rotationInput(session.sessionId, 0).next;
      const rotated = await readLive(t, session.sessionId);
      t.same([rotated.tokenHash, rotated.salt, rotated.accessHash], [tokenHash, salt, accessHash]);
      const step = withBufferViews(elevationInput(session.sessionId, 1));
      await t.store.sessions.elevate(step);
      overwriteBytes(step.next);
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
        await sessions.rotate(rotationInput(sessionId, 0)),
        await sessions.elevate(elevationInput(sessionId, 1)),
        await sessions.elevate(elevationInput(sessionId, 1)),
        await sessions.writeData({ sessionId, dataVersion: 0, claims: '{}', data: '{}' }),
        await sessions.writeData({ sessionId, dataVersion: 0, claims: '{}', data: '{}' }),
        ...(await sessions.list(userId)).records.map((record) => ({ record })),
      ];
      const kept = structuredClone(await readLive(t, sessionId));
      for (const result of results) {
        if (!result || !('record' in result)) continue;
        overwriteBytes(result.record);
        t.same(await readLive(t, sessionId), kept);
      }
    });

    suite.test('two results share no bytes', async (t) => {
      const session = newSession();
      await t.store.sessions.create(session);
      const first = await readLive(t, session.sessionId);
      const second = await readLive(t, session.sessionId);
      overwriteBytes(first);
      t.same(second.tokenHash, session.first.tokenHash);
    });
  });

/** Overwrites every byte array of a record. */
const overwriteBytes = (value: SessionRecord | GenerationRecord): void => {
  for (const part of Object.values(value)) if (part instanceof Uint8Array) part.fill(0xee);
};

/**
 * Returns the input with its bytes as views of a larger buffer, whose `slice` does not copy. A driver
 * may keep such views.
 */
const withBufferViews = <
  T extends NewSession | RotationInput | { readonly next: GenerationRecord },
>(
  value: T,
): T => {
  const view = (part: Uint8Array): Uint8Array =>
    Buffer.concat([seededBytes('x', 5), part]).subarray(5);
  const convert = (token: GenerationRecord): GenerationRecord => ({
    ...token,
    tokenHash: view(token.tokenHash),
    salt: view(token.salt),
    accessHash: token.accessHash && view(token.accessHash),
  });
  return 'first' in value
    ? { ...value, first: convert(value.first) }
    : { ...value, next: convert(value.next) };
};
