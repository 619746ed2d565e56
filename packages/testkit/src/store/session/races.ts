import fc from 'fast-check';
import {
  dataWriteInput,
  defaultPolicy,
  elevationInput,
  generationRecord,
  newSession,
  newUserId,
  replayInput,
  revokeAllInput,
  revokeInput,
  rotationInput,
  seededBytes,
  strictPolicy,
} from '../../fixtures/builders.ts';
import { propertyOptions } from '../../harness/property-options.ts';
import type { SessionCall } from './call.ts';
import { rotateOnce } from './presentation.ts';
import { checkRace } from './race-check.ts';
import type { SessionSuite, SessionTrial } from './trial.ts';

/** A user with a confirmed session in generation 1, and another session. */
interface Scene {
  readonly userId: string;
  readonly sessionId: string;
  readonly otherId: string;
}

/** Any two or three calls at the same time have the effect of some order of the calls. */
export const registerRaces = (suite: SessionSuite): void =>
  suite.group('session races', () => {
    const names = Object.keys(contenders);
    for (const [i, first] of names.entries()) {
      for (const second of names.slice(i)) {
        suite.test(`${first} × ${second}`, async (t) => {
          for (let round = 0; round < (suite.options.rounds ?? 4); round++) {
            await run(t, round % 2 === 0 ? [first, second] : [second, first]);
          }
        });
      }
    }

    for (const name of names) {
      suite.test(`${name} × the same call sent again × any`, async (t) => {
        await fc.assert(
          fc.asyncProperty(fc.constantFrom(...names), (other) => run(t, [name, other], 'twice')),
          propertyOptions(suite.options, suite.options.rounds ?? 4),
        );
      });
    }

    suite.test('any three calls at the same time', async (t) => {
      const name = fc.constantFrom(...names);
      await fc.assert(
        fc.asyncProperty(fc.array(name, { minLength: 3, maxLength: 3 }), (three) => run(t, three)),
        propertyOptions(suite.options, suite.options.runs ?? 100),
      );
    });
  });

const run = async (
  t: SessionTrial,
  names: readonly string[],
  first: 'once' | 'twice' = 'once',
): Promise<void> => {
  const scene = await prepare(t);
  const calls = names.map((name, i) => contenders[name]?.(scene, `${name} ${i}`) as SessionCall);
  const sentAgain = first === 'twice' ? calls.slice(0, 1) : [];
  await checkRace(t, [scene.sessionId, scene.otherId], [...sentAgain, ...calls]);
};

const prepare = async (t: SessionTrial): Promise<Scene> => {
  const userId = newUserId();
  const session = newSession({ userId, deviceId: 'phone' });
  const other = newSession({ userId, deviceId: 'laptop' });
  await t.store.sessions.create(session);
  await t.wait(1);
  await t.store.sessions.create(other);
  await rotateOnce(t, session.sessionId, 0);
  await t.store.sessions.touch(session.sessionId, 1);
  return { userId, sessionId: session.sessionId, otherId: other.sessionId };
};

const current = { ...defaultPolicy, settlePeriod: 0 };

/** The concurrent calls. Each creates its own next generation, as two nodes would. */
const contenders: Record<string, (scene: Scene, seed: string) => SessionCall> = {
  rotate: ({ sessionId }, seed) => ({
    verb: 'rotate',
    input: rotationInput(sessionId, 1, { next: generationRecord(2, seed), policy: current }),
  }),
  settle: ({ sessionId }, seed) => ({
    verb: 'rotate',
    input: rotationInput(sessionId, 1, { next: generationRecord(2, seed) }),
  }),
  replay: ({ sessionId }) => ({ verb: 'rotate', input: replayInput(sessionId, 0) }),
  straggle: ({ sessionId }) => ({
    verb: 'rotate',
    input: replayInput(sessionId, 0, {
      policy: { ...strictPolicy, strikePeriod: 3_600_000, maxReplays: 1 },
    }),
  }),
  reuse: ({ sessionId }) => ({
    verb: 'rotate',
    input: replayInput(sessionId, 0, { policy: strictPolicy }),
  }),
  fork: ({ sessionId }) => ({
    verb: 'rotate',
    input: rotationInput(sessionId, 1, {
      tokenHash: seededBytes('another', 32),
      policy: { ...defaultPolicy, regressionPeriod: 0 },
    }),
  }),
  regress: ({ sessionId }) => ({ verb: 'rotate', input: rotationInput(sessionId, 2) }),
  elevate: ({ sessionId }, seed) => ({
    verb: 'elevate',
    input: elevationInput(sessionId, 1, {
      next: generationRecord(2, seed),
      attributes: `"${seed}"`,
    }),
  }),
  writeData: ({ sessionId }, seed) => ({
    verb: 'writeData',
    input: dataWriteInput(sessionId, 0, { data: `"${seed}"` }),
  }),
  touch: ({ sessionId }) => ({ verb: 'touch', sessionId, generation: 2 }),
  find: ({ sessionId }) => ({
    verb: 'find',
    sessionId,
    activity: { generation: 2, interval: 3_600_000 },
  }),
  revoke: ({ sessionId, userId }, reason) => ({
    verb: 'revoke',
    input: revokeInput(sessionId, reason, { userId }),
  }),
  revokeAll: ({ userId }, reason) => ({ verb: 'revokeAll', input: revokeAllInput(userId, reason) }),
  revokeOthers: ({ userId, sessionId }, reason) => ({
    verb: 'revokeAll',
    input: revokeAllInput(userId, reason, { exceptSessionId: sessionId }),
  }),
  'create with eviction': ({ userId }) => ({
    verb: 'create',
    session: newSession({ userId, deviceId: 'phone' }),
    limit: { max: 2, policy: 'evict_oldest' },
  }),
  'create or refuse': ({ userId }) => ({
    verb: 'create',
    session: newSession({ userId }),
    limit: { max: 3, policy: 'refuse' },
  }),
  list: ({ userId }) => ({ verb: 'list', userId }),
  deleteExpired: () => ({ verb: 'deleteExpired' }),
};
