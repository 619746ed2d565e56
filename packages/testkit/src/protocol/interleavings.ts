import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  createSessions,
  generateSecret,
  type IssuedTokens,
  isPawlError,
  type PawlEvent,
  type Sessions,
} from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { SessionRecord, SessionStore } from '@pawl/core/store';
import fc, { type Arbitrary, type Scheduler } from 'fast-check';
import type { TestClock } from '../harness/clock.ts';
import { checkHistory, type Operation, type ReturnedTokens } from './history.ts';
import { type Fault, interleavedStore } from './interleaved-store.ts';

/** One call that races with the others. */
export interface Act {
  readonly kind: Operation['kind'];
  /** Of a refresh, resume or use: how many generations its token is behind the newest. */
  readonly back: number;
  /** Index of the node that receives the call. */
  readonly node: number;
}

/** A race, drawn at random. */
export interface Race {
  readonly format: 'opaque' | 'jwt';
  /** In ms: the option `maxStaleness` of the nodes. */
  readonly maxStaleness: number;
  /** Number of rotations before the race. The access token of each is used. */
  readonly rotations: number;
  /** Whether the access token of the last rotation is not used. */
  readonly unused: boolean;
  /** In ms: time between the last rotation and the race. */
  readonly wait: number;
  readonly acts: readonly Act[];
  /** Faults of the store calls, in the order of the calls. */
  readonly faults: readonly Fault[];
}

const kinds: readonly Operation['kind'][] = [
  'refresh',
  'refresh',
  'resume',
  'resume',
  'resume',
  'use',
  'use',
  'write',
  'elevate',
  'revoke',
  'revoke_all',
];

/**
 * Generates races.
 *
 * @param immediateFeed whether the store's feed reports a revocation before the revoking call returns;
 *   checks may then be stale without breaking I3
 */
export const races = (immediateFeed: boolean): Arbitrary<Race> =>
  fc.record({
    format: fc.constantFrom('opaque' as const, 'jwt' as const),
    maxStaleness: immediateFeed ? fc.constantFrom(0, 300_000) : fc.constant(0),
    rotations: fc.nat(3),
    unused: fc.boolean(),
    wait: fc.constantFrom(0, 5_000, 10_000, 10_001, 60_000, 120_001, 500_000, 600_000),
    acts: fc.array(
      fc.record({
        kind: fc.constantFrom(...kinds),
        back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(2)),
        node: fc.nat(1),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    faults: fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constant('none' as const) },
        fc.constantFrom<Fault>('sent_again', 'sent_again', 'reply_lost', 'not_sent'),
      ),
      { maxLength: 8 },
    ),
  });

type Node = Sessions<Record<string, unknown>, { count?: number }>;

/**
 * Runs the acts of a race at the same time on two nodes. The scheduler chooses the order of their store
 * calls and replies. Then checks the invariants.
 */
export const runRace = async (
  race: Race,
  scheduler: Scheduler,
  stores: readonly SessionStore[],
  clock: TestClock,
): Promise<void> => {
  const faults = [...race.faults];
  const secrets = [generateSecret()];
  const events: PawlEvent[] = [];
  const start = (sessions: SessionStore): Node =>
    createSessions({
      store: { sessions },
      secrets,
      clock: clock.now,
      maxStaleness: race.maxStaleness,
      onEvent: (event) => events.push(event),
      ...(race.format === 'jwt' && {
        accessToken: jwtAccessTokens({ issuer: 'i', audience: 'a', clockTolerance: 0 }),
      }),
    });
  const [observer] = stores as readonly [SessionStore];
  const quietNode = start(observer);
  const { generations, userId, sessionId } = await prepare(quietNode, race, clock);
  const before = await read(observer, sessionId);

  events.length = 0;

  const nodes = stores.map((store) => start(interleavedStore(store, scheduler, faults)));
  let order = 0;
  const perform = async ({ kind, back, node }: Act): Promise<Operation> => {
    const at = Math.max(0, generations.length - 1 - back);
    const presented = generations[at] as IssuedTokens;
    const generation = kind === 'refresh' || kind === 'resume' || kind === 'use' ? at : null;
    const invoked = ++order;
    const result = await call(nodes[node % nodes.length] as Node, kind, presented, userId);
    return { kind, generation, ...result, invoked, returned: ++order };
  };
  const operations = await scheduler.waitFor(Promise.all(race.acts.map(perform)));
  await scheduler.waitFor(Promise.all(nodes.map((node) => node.close())));
  const after = await read(observer, sessionId);

  const repliesLost = race.faults.includes('reply_lost');
  const sentAgain = race.faults.includes('sent_again');
  checkHistory({ before, after, operations, events: [...events], repliesLost, sentAgain });
  await checkAfterwards(quietNode, after, generations, operations, clock);
};

const prepare = async (
  node: Node,
  { rotations, unused, wait }: Race,
  clock: TestClock,
): Promise<{ generations: IssuedTokens[]; userId: string; sessionId: string }> => {
  const userId = 'racer';
  const generations = [await node.create({ userId, data: {} })];
  for (let i = 0; i < rotations; i++) {
    await clock.advance(61_000);
    const newest = generations.at(-1) as IssuedTokens;
    const next = await node.refresh(newest.refreshToken);
    generations.push(next);
    if (i < rotations - 1 || !unused) await node.verify(next.accessToken);
  }
  await node.drain();
  await clock.advance(wait);
  return { generations, userId, sessionId: (generations[0] as IssuedTokens).sessionId };
};

const call = async (
  node: Node,
  kind: Operation['kind'],
  presented: IssuedTokens,
  userId: string,
): Promise<Pick<Operation, 'result' | 'tokens'>> => {
  const { sessionId } = presented;
  try {
    switch (kind) {
      case 'refresh': {
        const tokens = await node.refresh(presented.refreshToken);
        return { result: tokens.outcome, tokens };
      }
      case 'resume': {
        const { renewed } = await node.resume(presented.refreshToken);
        if (!renewed) break;
        const tokens = { ...renewed, accessToken: null, accessTokenExpiresAt: 0 };
        return { result: renewed.outcome, tokens };
      }
      case 'elevate':
        return { result: 'ok', tokens: await node.elevate(sessionId) };
      case 'use':
        await node.verify(presented.accessToken);
        break;
      case 'write':
        await node.update(sessionId, ({ data }) => ({ data: { count: (data.count ?? 0) + 1 } }));
        break;
      case 'revoke':
        await node.revoke(sessionId, { reason: 'logout' });
        break;
      case 'revoke_all':
        await node.revokeAll(userId, { reason: 'logout' });
        break;
    }
    return { result: 'ok', tokens: null };
  } catch (error) {
    if (isPawlError(error)) return { result: error.code, tokens: null };
    throw error;
  }
};

/** Checks I4, and that honest clients can continue, after the race. */
const checkAfterwards = async (
  node: Node,
  after: SessionRecord,
  generations: readonly IssuedTokens[],
  operations: readonly Operation[],
  clock: TestClock,
): Promise<void> => {
  const known: ReturnedTokens[] = [
    ...generations,
    ...operations.flatMap(({ tokens }) => (tokens ? [tokens] : [])),
  ];
  if (after.revokedAt !== null) {
    for (const { refreshToken, accessToken } of known) {
      await assert.rejects(node.refresh(refreshToken), 'I3: a revoked session was refreshed');
      await assert.rejects(node.resume(refreshToken), 'I3: a revoked session was resumed');
      if (accessToken === null) continue;
      await assert.rejects(node.verify(accessToken), 'I3: a revoked session was accepted');
    }
    return;
  }
  const newest = known.find((tokens) => isCurrent(tokens, after));
  const elevated = after.floor > 0 && after.floor === after.generation;
  // The reply to a step-up was lost. The token before it must not return the new tokens, because anyone
  // who holds a copy of it would be stepped up as well. The user logs in again.
  if (!newest && elevated) return;
  // The reply to a rotation was lost: its parent must return it again.
  const parent = known.find((tokens) => !newest && isParent(tokens, after));
  const recovered = newest ?? (parent && (await node.refresh(parent.refreshToken)));
  assert.ok(recovered, 'an honest client is locked out');
  const next = await node.refresh(recovered.refreshToken);
  await node.verify(next.accessToken);
  // A store across a network records the use after the check has returned.
  await node.drain();
  await clock.advance(200_000);
  for (const { refreshToken } of known) {
    if (refreshToken === next.refreshToken) continue;
    const issued = await node.refresh(refreshToken).then(
      () => true,
      () => false,
    );
    assert.equal(
      issued,
      false,
      'I4: a consumed token got tokens after its successor was confirmed',
    );
    break;
  }
};

const isCurrent = (tokens: ReturnedTokens, { tokenHash }: SessionRecord): boolean =>
  hashOf(tokens).equals(tokenHash);

const isParent = (tokens: ReturnedTokens, { ring }: SessionRecord): boolean =>
  ring.length > 0 && hashOf(tokens).subarray(0, 8).equals(ring.subarray(0, 8));

const hashOf = ({ refreshToken }: Pick<ReturnedTokens, 'refreshToken'>): Buffer =>
  hash('sha256', Buffer.from(refreshToken.slice(-104), 'base64url'), 'buffer');

const read = async (store: SessionStore, sessionId: string): Promise<SessionRecord> => {
  const found = await store.find(sessionId);
  assert.ok(found, 'the session is missing');
  return found.record;
};
