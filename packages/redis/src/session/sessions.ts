import { InvalidInputError, type RevokeOutcome, type SessionLimit } from '@pawl/core';
import type {
  Activity,
  CreateOutcome,
  DataWriteInput,
  ElevationInput,
  FoundSession,
  NewSession,
  RevocationListener,
  RevokeAllOutcome,
  RotationInput,
  RotationOutcome,
  SessionList,
  SessionRecord,
  SessionSelection,
  SessionStore,
  WriteOutcome,
} from '@pawl/core/store';
import type { Connection } from '../connection/connection.ts';
import type { ReplicaWait } from '../connection/replica-wait.ts';
import { type Keys, shardOf } from '../key-names.ts';
import { createSession } from '../lua/session/create.ts';
import { elevateSession } from '../lua/session/elevate.ts';
import { findSession } from '../lua/session/find.ts';
import { listSessions } from '../lua/session/list.ts';
import { revokeSession } from '../lua/session/revoke.ts';
import { revokeUserSessions } from '../lua/session/revoke-all.ts';
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
  encodeGeneration,
  encodeNewSession,
} from './layout.ts';
import { decodeAnswer } from './reply.ts';

/** What a session store is made of. */
export interface SessionParts {
  readonly connection: Connection;
  readonly keys: Keys;
  readonly feed?: RevocationFeed | undefined;
  readonly replicas?: ReplicaWait | undefined;
  /** In ms; 0: none. */
  readonly revocationMemory: number;
}

/** Sessions in Redis: each verb is one script, and a script runs undisturbed. */
export class RedisSessionStore implements SessionStore {
  readonly #connection: Connection;
  readonly #keys: Keys;
  readonly #replicas: ReplicaWait | undefined;
  readonly #revoked: RevocationMemory | undefined;
  // Declared only: without a feed the store has no such property at all.
  declare readonly subscribe?: (listener: RevocationListener) => () => void;

  constructor({ connection, keys, feed, replicas, revocationMemory }: SessionParts) {
    this.#connection = connection;
    this.#keys = keys;
    this.#replicas = replicas;
    if (revocationMemory > 0) {
      this.#revoked = new RevocationMemory({
        client: connection.client,
        window: revocationMemory,
        revoke: (sessionId, reason) => this.#revoke(sessionId, reason),
      });
    }
    if (feed) this.subscribe = (listener) => feed.subscribe(listener);
  }

  async create(session: NewSession, limit?: SessionLimit): Promise<CreateOutcome> {
    const { sessionId, userId } = session;
    const shard = shardOf(userId);
    if (!sessionId.startsWith(shard)) {
      throw new InvalidInputError('sessionId', 'is not in the shard of its user');
    }
    const bytes = encodeNewSession(session);
    const reply = await this.#connection.run(
      createSession,
      [this.#keys.session(sessionId), this.#keys.sessionsOf(userId)],
      [
        this.#keys.prefix,
        bytes.head,
        bytes.tail,
        session.idleTimeout,
        session.expiresAt,
        userId,
        limit?.max ?? 0,
        limit?.policy ?? '',
      ],
    );
    const [kind, now, ...evicted] = reply as [Buffer, number, ...Buffer[]];
    if (isText(kind, 'exists')) throw new InvalidInputError('sessionId', 'exists already');
    if (isText(kind, 'refused')) return { kind: 'refused' };
    const ended = evicted.map((end) => shard + end.toString());
    for (const id of ended) this.#revoked?.add(id, 'evicted');
    await this.#replicas?.wait(sessionId);
    return {
      kind: 'created',
      record: decodeSession(sessionId, completeNewSession(bytes, now)),
      evicted: ended,
    };
  }

  async find(sessionId: string, activity?: Activity): Promise<FoundSession | null> {
    const reply = await this.#connection.run(
      findSession,
      [this.#keys.session(sessionId)],
      activity ? [activity.generation, activity.interval] : [],
    );
    const answer = decodeAnswer(reply);
    return answer && { record: answer.record, now: answer.now, touchDue: false };
  }

  async rotate(request: RotationInput): Promise<RotationOutcome> {
    const { sessionId, next, policy } = request;
    const reply = await this.#connection.run(
      rotateSession,
      [this.#keys.session(sessionId)],
      [
        this.#keys.prefix,
        request.generation,
        asBuffer(request.tokenHash),
        encodeGeneration(next),
        next.kid,
        next.issuedAt,
        policy.gracePeriod,
        policy.settlePeriod,
        policy.strikePeriod,
        policy.maxReplays,
        policy.maxUnconfirmedReplays,
      ],
    );
    const outcome = decodeAnswer<RotationKind>(reply);
    if (outcome?.kind === 'reuse_detected' || outcome?.kind === 'fork') {
      this.#revoked?.add(sessionId, outcome.record.revokedReason ?? '');
    }
    // Also for a replay: the rotation that it repeats may have been lost on the way to a replica.
    await this.#replicas?.wait(sessionId);
    return outcome ?? { kind: 'missing' };
  }

  async elevate(request: ElevationInput): Promise<WriteOutcome> {
    const { sessionId, next } = request;
    const attributes = encodeAttributes(request.attributes);
    const outcome = await this.#write(elevateSession, sessionId, [
      request.generation,
      encodeGeneration(next),
      next.kid,
      next.issuedAt,
      attributes.bytes,
      attributes.shortened ? 1 : 0,
    ]);
    await this.#replicas?.wait(sessionId);
    return outcome;
  }

  writeData({ sessionId, dataVersion, claims, data }: DataWriteInput): Promise<WriteOutcome> {
    return this.#write(writeSessionData, sessionId, [dataVersion, encodeClaims(claims), data]);
  }

  async touch(sessionId: string, generation: number): Promise<void> {
    await this.#connection.run(touchSession, [this.#keys.session(sessionId)], [generation]);
  }

  async revoke(sessionId: string, reason: string, userId?: string): Promise<RevokeOutcome> {
    const outcome = await this.#revoke(sessionId, reason, userId);
    if (outcome === 'revoked') this.#revoked?.add(sessionId, reason);
    await this.#replicas?.wait(sessionId);
    return outcome;
  }

  async revokeAll(
    userId: string,
    reason: string,
    only: SessionSelection = {},
  ): Promise<RevokeAllOutcome> {
    const shard = shardOf(userId);
    const spared = only.exceptSessionId?.startsWith(shard)
      ? only.exceptSessionId.slice(shard.length)
      : '';
    const reply = await this.#connection.run(
      revokeUserSessions,
      [this.#keys.sessionsOf(userId)],
      [
        this.#keys.prefix,
        reason,
        this.#keys.session(shard),
        userId,
        spared,
        ...(only.deviceId === undefined ? [] : [only.deviceId]),
      ],
    );
    const revoked = (reply as Buffer[]).map((end) => shard + end.toString());
    for (const id of revoked) this.#revoked?.add(id, reason);
    await this.#replicas?.wait(shard);
    return { revoked };
  }

  async list(userId: string): Promise<SessionList> {
    const shard = shardOf(userId);
    const reply = await this.#connection.run(
      listSessions,
      [this.#keys.sessionsOf(userId)],
      [this.#keys.session(shard), userId],
    );
    const [now, ...pairs] = reply as [number, ...Buffer[]];
    const records: SessionRecord[] = [];
    for (let i = 0; i < pairs.length; i += 2) {
      records.push(decodeSession(`${shard}${pairs[i]?.toString()}`, pairs[i + 1] as Buffer));
    }
    return { records: records.sort(newerFirst), now };
  }

  /** Every session has an expiry that the server keeps: there is nothing to sweep. */
  async deleteExpired(): Promise<number> {
    return 0;
  }

  async #revoke(sessionId: string, reason: string, userId?: string): Promise<RevokeOutcome> {
    const reply = await this.#connection.run(
      revokeSession,
      [this.#keys.session(sessionId)],
      [this.#keys.prefix, reason, ...(userId === undefined ? [] : [userId])],
    );
    return (reply as Buffer).toString() as RevokeOutcome;
  }

  async #write(
    script: typeof elevateSession,
    sessionId: string,
    args: readonly (string | Buffer | number)[],
  ): Promise<WriteOutcome> {
    const reply = await this.#connection.run(script, [this.#keys.session(sessionId)], args);
    const answer = decodeAnswer<WriteKind>(reply);
    return answer
      ? { kind: answer.kind, record: answer.record, now: answer.now }
      : { kind: 'missing' };
  }
}

type RotationKind = Exclude<RotationOutcome['kind'], 'missing'>;
type WriteKind = Exclude<WriteOutcome['kind'], 'missing'>;

const newerFirst = (a: SessionRecord, b: SessionRecord): number =>
  b.createdAt - a.createdAt || (a.sessionId < b.sessionId ? 1 : -1);

const isText = (bytes: Buffer, text: string): boolean => bytes.toString() === text;

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
