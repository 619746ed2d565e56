import { InvalidInputError, type RevokeOutcome, type SessionLimit } from '@pawl/core';
import {
  type Activity,
  type CreateOutcome,
  type DataWriteInput,
  type ElevationInput,
  type FoundSession,
  type NewSession,
  type RevocationListener,
  type RevokeAllInput,
  type RevokeAllOutcome,
  type RevokeInput,
  type RotationInput,
  type RotationKind,
  type RotationOutcome,
  type SessionList,
  type SessionPage,
  type SessionStore,
  type WriteOutcome,
} from '@pawl/core/store';
import type { Connection } from '../connection/connection.ts';
import type { ReplicaWait } from '../connection/replica-wait.ts';
import { wordOf } from '../connection/reply-values.ts';
import { type KeyNames, shardOf } from '../key-names.ts';
import { createSession } from '../lua/session/create.ts';
import { elevateSession } from '../lua/session/elevate.ts';
import { findSession } from '../lua/session/find.ts';
import { revokeSession } from '../lua/session/revoke.ts';
import { rotateSession } from '../lua/session/rotate.ts';
import { touchSession } from '../lua/session/touch.ts';
import { writeSessionData } from '../lua/session/write-data.ts';
import type { RevocationFeed } from '../revocation/feed.ts';
import { RevocationMemory } from '../revocation/memory.ts';
import {
  completeNewSession,
  decodeSession,
  encodeAttributes,
  encodeClaims,
  encodeNewSession,
  packGeneration,
} from './layout.ts';
import { asBuffer, decodeReply, isText } from './reply.ts';
import { UserSessions } from './user-sessions.ts';

/** The parts from which a session store is created. */
export interface SessionParts {
  readonly connection: Connection;
  readonly keyNames: KeyNames;
  readonly feed?: RevocationFeed | undefined;
  readonly replicas?: ReplicaWait | undefined;
  /** How long revocations are remembered, in ms; 0 disables the memory. */
  readonly revocationMemory: number;
}

/** Sessions in Redis. Each verb is one script, which runs without interruption. */
export class RedisSessionStore implements SessionStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;
  readonly #ofUser: UserSessions;
  readonly #replicas: ReplicaWait | undefined;
  readonly #revoked: RevocationMemory | undefined;
  // Only declared: without a feed, the store must not have this property.
  declare readonly subscribe?: (listener: RevocationListener) => () => void;

  constructor({ connection, keyNames, feed, replicas, revocationMemory }: SessionParts) {
    this.#connection = connection;
    this.#keyNames = keyNames;
    this.#ofUser = new UserSessions(connection, keyNames);
    this.#replicas = replicas;
    if (revocationMemory > 0) {
      this.#revoked = new RevocationMemory({
        client: connection.client,
        window: revocationMemory,
        revoke: (revocation) => this.#revoke(revocation),
      });
    }
    if (feed) this.subscribe = (listener) => feed.subscribe(listener);
  }

  /** Stops repeating revocations. */
  close(): void {
    this.#revoked?.close();
  }

  async create(session: NewSession, limit?: SessionLimit): Promise<CreateOutcome> {
    const { sessionId, userId, callId } = session;
    const shard = shardOf(userId);
    if (!sessionId.startsWith(shard)) {
      throw new InvalidInputError('sessionId', 'must begin with the shard of its user');
    }
    const bytes = encodeNewSession(session);
    const create = (): Promise<unknown> =>
      this.#connection.run(
        createSession,
        [
          this.#keyNames.session(sessionId),
          this.#keyNames.sessionsOf(userId),
          this.#keyNames.revokedBy(userId, callId),
          this.#keyNames.pendingOf(userId),
        ],
        [
          this.#keyNames.prefix,
          bytes.head,
          bytes.tail,
          session.idleTimeout,
          session.expiresAt,
          userId,
          limit?.max ?? 0,
          limit?.policy ?? '',
          asBuffer(callId),
        ],
      );
    let [kind, given, pending, ...evicted] = (await create()) as CreateReply;
    // Each time, it has removed another two thousand sessions that had expired.
    while (isText(kind, 'again'))
      [kind, given, pending, ...evicted] = (await create()) as CreateReply;
    if (isText(kind, 'exists')) throw new InvalidInputError('sessionId', 'already exists');
    if (isText(kind, 'refused')) return { kind: 'refused' };
    const evictedIds = pending
      ? await this.#ofUser.sweep(userId, callId)
      : evicted.map((end) => shard + end.toString());
    for (const id of evictedIds) this.#revoked?.add({ sessionId: id, reason: 'evicted', callId });
    await this.#replicas?.wait(sessionId);
    return {
      kind: 'created',
      record: decodeSession(
        sessionId,
        typeof given === 'number' ? completeNewSession(bytes, given) : given,
      ),
      evicted: evictedIds,
    };
  }

  async find(sessionId: string, activity?: Activity): Promise<FoundSession | null> {
    const reply = await this.#connection.run(
      findSession,
      [this.#keyNames.session(sessionId)],
      activity ? [activity.generation, activity.interval] : [],
    );
    const found = decodeReply(reply);
    return found && { record: found.record, now: found.now, touchDue: false };
  }

  async rotate(input: RotationInput): Promise<RotationOutcome> {
    const { sessionId, next, policy } = input;
    const reply = await this.#connection.run(
      rotateSession,
      [this.#keyNames.session(sessionId)],
      [
        this.#keyNames.prefix,
        input.generation,
        asBuffer(input.tokenHash),
        packGeneration(next),
        next.kid,
        next.issuedAt,
        policy.gracePeriod,
        policy.settlePeriod,
        policy.strikePeriod,
        policy.maxReplays,
        policy.maxUnconfirmedReplays,
        policy.maxLateRun,
        policy.regressionPeriod,
        asBuffer(input.callId),
      ],
    );
    const outcome = decodeReply<RotationKind>(reply);
    if (outcome && endingKinds.has(outcome.kind)) {
      const { revokedReason } = outcome.record;
      this.#revoked?.add({ sessionId, reason: revokedReason ?? '', callId: input.callId });
    }
    // Also after a replay, because the rotation that it repeats may not have reached a replica.
    await this.#replicas?.wait(sessionId);
    return outcome ?? { kind: 'missing' };
  }

  async elevate(input: ElevationInput): Promise<WriteOutcome> {
    const { sessionId, next } = input;
    const attributes = encodeAttributes(input.attributes);
    const outcome = await this.#write(elevateSession, sessionId, [
      input.generation,
      packGeneration(next),
      next.kid,
      next.issuedAt,
      attributes.bytes,
      attributes.shortened ? 1 : 0,
    ]);
    await this.#replicas?.wait(sessionId);
    return outcome;
  }

  writeData(input: DataWriteInput): Promise<WriteOutcome> {
    const { sessionId, dataVersion, claims, data, callId } = input;
    const args = [dataVersion, encodeClaims(claims), data, asBuffer(callId)];
    return this.#write(writeSessionData, sessionId, args);
  }

  async touch(sessionId: string, generation: number): Promise<void> {
    await this.#connection.run(touchSession, [this.#keyNames.session(sessionId)], [generation]);
  }

  async revoke(input: RevokeInput): Promise<RevokeOutcome> {
    const outcome = await this.#revoke(input);
    if (outcome === 'revoked') this.#revoked?.add(input);
    await this.#replicas?.wait(input.sessionId);
    return outcome;
  }

  async revokeAll(input: RevokeAllInput): Promise<RevokeAllOutcome> {
    const { userId, reason, callId } = input;
    const shard = shardOf(userId);
    const revoked = await this.#ofUser.revokeAll(input);
    for (const id of revoked) this.#revoked?.add({ sessionId: id, reason, callId });
    await this.#replicas?.wait(shard);
    return { revoked };
  }

  list(userId: string, page?: SessionPage): Promise<SessionList> {
    return this.#ofUser.list(userId, page);
  }

  /** Always 0: the server removes expired sessions itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }

  async #revoke({ sessionId, reason, userId, callId }: RevokeInput): Promise<RevokeOutcome> {
    const reply = await this.#connection.run(
      revokeSession,
      [this.#keyNames.session(sessionId)],
      [this.#keyNames.prefix, reason, asBuffer(callId), ...(userId === undefined ? [] : [userId])],
    );
    return wordOf<RevokeOutcome>(reply, ['revoked', 'already_revoked', 'missing']);
  }

  async #write(
    script: typeof elevateSession,
    sessionId: string,
    args: readonly (string | Buffer | number)[],
  ): Promise<WriteOutcome> {
    const reply = await this.#connection.run(script, [this.#keyNames.session(sessionId)], args);
    const outcome = decodeReply<WriteKind>(reply);
    return outcome
      ? { kind: outcome.kind, record: outcome.record, now: outcome.now }
      : { kind: 'missing' };
  }
}

/** The outcomes of a rotation that end the session. */
const endingKinds: ReadonlySet<RotationKind> = new Set(['reuse_detected', 'fork', 'lost']);

type WriteKind = Exclude<WriteOutcome['kind'], 'missing'>;

type CreateReply = [kind: Buffer, given: number | Buffer, pending: number, ...evicted: Buffer[]];
