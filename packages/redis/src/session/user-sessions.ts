import {
  maxSessionPage,
  type RevokeAllInput,
  type SessionList,
  type SessionPage,
  type SessionRecord,
} from '@pawl/core/store';
import type { Connection } from '../connection/connection.ts';
import { type KeyNames, shardOf } from '../key-names.ts';
import { listSessions } from '../lua/session/list.ts';
import { revokeUserSessions } from '../lua/session/revoke-all.ts';
import { sweepSessions } from '../lua/session/sweep.ts';
import { decodeSession } from './layout.ts';
import { asBuffer, isText } from './reply.ts';

/** The length of an id without its shard. */
const endLength = 22;

/** How many sessions one script reads. */
const listStep = 100;

/**
 * What reads or ends all sessions of a user. However many there are, each script handles a few of them,
 * because the server does nothing else meanwhile.
 */
export class UserSessions {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  /** Ends sessions and returns their ids. */
  async revokeAll(input: RevokeAllInput): Promise<string[]> {
    const { userId, reason, callId, exceptSessionId, deviceId } = input;
    const shard = shardOf(userId);
    const kept = exceptSessionId?.startsWith(shard) ? exceptSessionId.slice(shard.length) : '';
    for (;;) {
      const reply = await this.#connection.run(
        revokeUserSessions,
        [
          this.#keyNames.sessionsOf(userId),
          this.#keyNames.revokedBy(userId, callId),
          this.#keyNames.pendingOf(userId),
        ],
        [
          this.#keyNames.prefix,
          reason,
          this.#keyNames.session(shard),
          userId,
          kept,
          asBuffer(callId),
          ...(deviceId === undefined ? [] : [deviceId]),
        ],
      );
      const [kind, ...revoked] = reply as [Buffer, ...Buffer[]];
      if (isText(kind, 'done')) return revoked.map((end) => shard + end.toString());
      if (isText(kind, 'pending')) return this.sweep(userId, callId);
      // Too many calls at once for this user: finish some of the earlier ones first.
      await this.sweep(userId, callId);
    }
  }

  /**
   * Writes pending revocations to the records, in steps that hold up nobody, until that of the call is
   * written. Other callers may take steps as well, and finish it if this process dies.
   */
  async sweep(userId: string, callId: Uint8Array): Promise<string[]> {
    const shard = shardOf(userId);
    let ids = '';
    for (let pending = true; pending; ) {
      const reply = await this.#connection.run(
        sweepSessions,
        [
          this.#keyNames.sessionsOf(userId),
          this.#keyNames.revokedBy(userId, callId),
          this.#keyNames.pendingOf(userId),
        ],
        [
          this.#keyNames.prefix,
          this.#keyNames.session(shard),
          userId,
          asBuffer(callId),
          ids.length,
        ],
      );
      const [more, added] = reply as [number, Buffer];
      ids += added.toString('latin1');
      pending = more === 1;
    }
    return Array.from(
      { length: ids.length / endLength },
      (_, i) => shard + ids.slice(i * endLength, (i + 1) * endLength),
    );
  }

  /** Reads a page. */
  async list(
    userId: string,
    { limit = maxSessionPage, after }: SessionPage = {},
  ): Promise<SessionList> {
    const shard = shardOf(userId);
    const records: SessionRecord[] = [];
    let position: readonly (Buffer | string | number)[] = after
      ? [after.createdAt, after.sessionId.slice(shard.length)]
      : [];
    for (;;) {
      const reply = await this.#connection.run(
        listSessions,
        [this.#keyNames.sessionsOf(userId), this.#keyNames.pendingOf(userId)],
        [
          this.#keyNames.prefix,
          this.#keyNames.session(shard),
          userId,
          Math.min(limit - records.length, listStep),
          ...position,
        ],
      );
      const [now, createdAt, id, ...pairs] = reply as [number, Buffer, Buffer, ...Buffer[]];
      for (let i = 0; i < pairs.length; i += 2) {
        records.push(decodeSession(`${shard}${pairs[i]?.toString()}`, pairs[i + 1] as Buffer));
      }
      if (records.length >= limit || id.length === 0) return { records, now };
      position = [createdAt, id];
    }
  }
}
