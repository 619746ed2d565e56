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
import { checkHistory, type HandedOut, type Operation } from './history.ts';
import { type Fault, interleavedStore } from './interleaved-store.ts';

/** What one client does while the others do theirs. */
export interface Act {
  readonly kind: Operation['kind'];
  /** Refreshes, resumptions and uses: how many generations before the newest the token is. */
  readonly back: number;
  readonly node: number;
}

export interface Race {
  readonly format: 'opaque' | 'jwt';
  /** In ms: how old a record may be that a check consults. */
  readonly maxStaleness: number;
  /** Rotations before the race begins; each is used, but for the last one if `unused`. */
  readonly rotations: number;
  readonly unused: boolean;
  /** In ms: from the last rotation to the race. */
  readonly wait: number;
  readonly acts: readonly Act[];
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
 * @param immediateFeed whether the store's feed tells of a revocation before the
 *   revoking call returns; then checks may be stale without breaking I3
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
 * Runs some acts at once on two nodes, in an order of all their store calls and
 * replies that the scheduler chooses, and holds the invariants against it.
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
  const calm = start(observer);
  const { generations, userId, sessionId } = await prepare(calm, race, clock);
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
    return { kind, generation, ...result, invoked, answered: ++order };
  };
  const operations = await scheduler.waitFor(Promise.all(race.acts.map(perform)));
  await scheduler.waitFor(Promise.all(nodes.map((node) => node.close())));
  const after = await read(observer, sessionId);

  const repliesLost = race.faults.includes('reply_lost');
  const sentAgain = race.faults.includes('sent_again');
  checkHistory({ before, after, operations, events: [...events], repliesLost, sentAgain });
  await checkAfterwards(calm, after, generations, operations, clock);
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
): Promise<Pick<Operation, 'answer' | 'tokens'>> => {
  const { sessionId } = presented;
  try {
    switch (kind) {
      case 'refresh': {
        const tokens = await node.refresh(presented.refreshToken);
        return { answer: tokens.outcome, tokens };
      }
      case 'resume': {
        const { renewed } = await node.resume(presented.refreshToken);
        if (!renewed) break;
        const tokens = { ...renewed, accessToken: null, accessTokenExpiresAt: 0 };
        return { answer: renewed.outcome, tokens };
      }
      case 'elevate':
        return { answer: 'ok', tokens: await node.elevate(sessionId) };
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
    return { answer: 'ok', tokens: null };
  } catch (error) {
    if (isPawlError(error)) return { answer: error.code, tokens: null };
    throw error;
  }
};

/** I4 and the promise to honest clients, once everything is quiet again. */
const checkAfterwards = async (
  node: Node,
  after: SessionRecord,
  generations: readonly IssuedTokens[],
  operations: readonly Operation[],
  clock: TestClock,
): Promise<void> => {
  const known: HandedOut[] = [
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
  // The reply to a step-up was lost. What came before it must not bring its tokens back,
  // or whoever holds a copy of it would be stepped up as well: the user logs in again.
  if (!newest && elevated) return;
  // The reply to a rotation was lost: the parent must bring it back.
  const parent = known.find((tokens) => !newest && isParent(tokens, after));
  const recovered = newest ?? (parent && (await node.refresh(parent.refreshToken)));
  assert.ok(recovered, 'an honest client is locked out');
  const next = await node.refresh(recovered.refreshToken);
  await node.verify(next.accessToken);
  // A store across a network notes the use beside the answer.
  await node.drain();
  await clock.advance(200_000);
  for (const { refreshToken } of known) {
    if (refreshToken === next.refreshToken) continue;
    const minted = await node.refresh(refreshToken).then(
      () => true,
      () => false,
    );
    assert.equal(minted, false, 'I4: a consumed token minted after its successor was confirmed');
    break;
  }
};

const isCurrent = (tokens: HandedOut, { tokenHash }: SessionRecord): boolean =>
  hashOf(tokens).equals(tokenHash);

const isParent = (tokens: HandedOut, { ring }: SessionRecord): boolean =>
  ring.length > 0 && hashOf(tokens).subarray(0, 8).equals(ring.subarray(0, 8));

const hashOf = ({ refreshToken }: Pick<HandedOut, 'refreshToken'>): Buffer =>
  hash('sha256', Buffer.from(refreshToken.slice(-104), 'base64url'), 'buffer');

const read = async (store: SessionStore, sessionId: string): Promise<SessionRecord> => {
  const found = await store.find(sessionId);
  assert.ok(found, 'the session is gone');
  return found.record;
};
