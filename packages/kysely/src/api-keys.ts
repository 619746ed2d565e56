import { InvalidInputError } from '@pawl/core';
import {
  type ApiKeyRecord,
  type ApiKeyStore,
  isSameKey,
  type NewApiKey,
  type RevokeAllApiKeysInput,
} from '@pawl/core/store';
import { sql } from 'kysely';
import { inBatches } from './sql/batches.ts';
import type { Database, Row } from './sql/database.ts';
import { hasReturning, type Sql } from './sql/dialect.ts';
import { isDuplicate } from './sql/failure.ts';
import { isRevocable } from './sql/revocable.ts';
import { revokeOne } from './sql/revoke-one.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

const columns = sql.raw(
  'key_id, user_id, token_hash, name, claims, created_at, expires_at, last_used_at, revoked_at, revoked_by',
);

const recordOf = (row: Row): ApiKeyRecord => ({
  keyId: row.key_id as string,
  userId: row.user_id as string,
  tokenHash: new Uint8Array(row.token_hash as Uint8Array),
  name: row.name as string,
  claims: row.claims as string,
  createdAt: Number(row.created_at),
  expiresAt: row.expires_at === null ? null : Number(row.expires_at),
  lastUsedAt: row.last_used_at === null ? null : Number(row.last_used_at),
  revokedAt: row.revoked_at === null ? null : Number(row.revoked_at),
  revokedBy: row.revoked_by === null ? null : new Uint8Array(row.revoked_by as Uint8Array),
});

/** API keys in SQL; each verb is one statement. */
export const sqlApiKeys = (sqlContext: SqlContext): ((db: Database) => ApiKeyStore) => {
  const { tables, now } = sqlContext;
  const table = tables.api_keys;
  const isLive = sql`revoked_at is null and (expires_at is null or expires_at > ${now})`;
  const insert = insertKey(sqlContext);
  const select = new Statement<'keyId'>(
    (p) => sql`select ${now} as store_time, ${columns} from ${table} where key_id = ${p('keyId')}`,
  );
  const noteUse = new Statement<'keyId'>(
    (p) => sql`update ${table} set last_used_at = ${now}
      where key_id = ${p('keyId')} and ${isLive} and (last_used_at is null or last_used_at < ${now})`,
  );
  const selectLive = new Statement<'userId'>(
    (p) => sql`select ${columns} from ${table} where user_id = ${p('userId')} and ${isLive}
      order by created_at desc, key_id desc`,
  );
  const revoke = revokeOne(sqlContext, { table, key: sql`key_id`, hasReason: false });
  const revokeAll = revokeAllKeys(sqlContext, isLive);
  const remove = inBatches(sqlContext, {
    table,
    key: sql`key_id`,
    write: (of) => sql`delete from ${of}`,
    where: sql`expires_at < ${now}`,
  });

  return (db) => ({
    create: (key) => insert(db, key),
    find: async (keyId, interval) => {
      const [row] = (await db.run(select, { keyId })).rows;
      if (!row) return null;
      const record = recordOf(row);
      const time = Number(row.store_time);
      if (interval !== undefined && isUseDue(record, interval, time)) {
        const noting = db.run(noteUse, { keyId });
        // Only a transaction must wait for it. If the update is lost, the next use repeats it.
        if (db.inTransaction) await noting;
        else noting.catch(() => {});
      }
      return { record, now: time };
    },
    list: async (userId) => (await db.run(selectLive, { userId })).rows.map(recordOf),
    revoke: ({ keyId, userId, callId }) => revoke(db, { id: keyId, userId, callId }),
    revokeAll: (input) => revokeAll(db, input),
    deleteExpired: () => remove(db),
  });
};

const isUseDue = (record: ApiKeyRecord, interval: number, now: number): boolean =>
  record.revokedAt === null &&
  (record.expiresAt === null || now < record.expiresAt) &&
  (record.lastUsedAt === null || now - record.lastUsedAt >= interval);

const insertKey = ({
  dialect,
  tables,
  now,
}: SqlContext): ((db: Database, key: NewApiKey) => Promise<ApiKeyRecord>) => {
  const returning = hasReturning(dialect);
  const insert = new Statement<keyof NewApiKey>(
    (p) => sql`insert into ${tables.api_keys} (${columns}) values (
        ${p('keyId')}, ${p('userId')}, ${p('tokenHash')}, ${p('name')}, ${p('claims')},
        ${returning ? now : sql`last_insert_id(${now})`}, ${p('expiresAt')}, null, null, null)
      ${returning ? sql`on conflict do nothing returning created_at` : sql``}`,
  );
  const select = new Statement<'keyId'>(
    (p) => sql`select ${columns} from ${tables.api_keys} where key_id = ${p('keyId')}`,
  );
  return async (db, key) => {
    const { keyId, userId, tokenHash, name, claims, expiresAt } = key;
    const values = { keyId, userId, tokenHash, name, claims, expiresAt };
    try {
      const { rows, insertId } = await db.run(insert, values);
      const createdAt = Number(rows[0]?.created_at ?? insertId);
      const fresh = { tokenHash: new Uint8Array(tokenHash), lastUsedAt: null };
      if (createdAt !== 0) {
        return { ...values, ...fresh, createdAt, revokedAt: null, revokedBy: null };
      }
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const [known] = (await db.run(select, { keyId })).rows.map(recordOf);
    // The call that created the key is sent again.
    if (known && isSameKey(known, key)) return known;
    throw new InvalidInputError('keyId', 'already exists');
  };
};

/**
 * Revokes a user's live keys, and counts those that the call revoked, now or when it was sent the first
 * time. The latter are written unchanged: a `select` beside the `update` might not see them yet.
 */
const revokeAllKeys = (
  sqlContext: SqlContext,
  isLive: Sql,
): ((db: Database, input: RevokeAllApiKeysInput) => Promise<number>) => {
  const table = sqlContext.tables.api_keys;
  const keys = { table, key: sql`key_id` };
  const update = new Statement<'userId' | 'callId'>(
    (p) => sql`update ${table}
      set revoked_at = coalesce(revoked_at, ${sqlContext.now}), revoked_by = ${p('callId')}
      where ${isRevocable(sqlContext, keys, p, isLive)}`,
  );
  return async (db, { userId, callId }) => (await db.run(update, { userId, callId })).affected;
};
