import { ApiKeyLimitError, InvalidInputError, StoreRecordError } from '@pawl/core';
import {
  type ApiKeyRecord,
  type ApiKeyStore,
  isSameKey,
  type NewApiKey,
  type RevokeAllApiKeysInput,
} from '@pawl/core/store';
import { sql } from 'kysely';
import { lockUser } from './session/user-lock.ts';
import { inBatches } from './sql/batches.ts';
import type { Database } from './sql/database.ts';
import { hasReturning, returningEach, type Sql } from './sql/dialect.ts';
import { isDuplicate } from './sql/failure.ts';
import { createdAtIn } from './sql/insert-result.ts';
import { isRevocable } from './sql/revocable.ts';
import { revokeOne } from './sql/revoke-one.ts';
import { bytesIn, foundIn, numberIn, orNull, type Row, textIn } from './sql/row-values.ts';
import type { SqlContext } from './sql/sql-context.ts';
import { Statement } from './sql/statement.ts';

const columns = sql.raw(
  'key_id, user_id, token_hash, name, claims, created_at, expires_at, last_used_at, revoked_at, revoked_by',
);

const recordOf = (row: Row): ApiKeyRecord => ({
  keyId: textIn(row, 'key_id'),
  userId: textIn(row, 'user_id'),
  tokenHash: bytesIn(row, 'token_hash'),
  name: textIn(row, 'name'),
  claims: textIn(row, 'claims'),
  createdAt: numberIn(row, 'created_at'),
  expiresAt: orNull(numberIn, row, 'expires_at'),
  lastUsedAt: orNull(numberIn, row, 'last_used_at'),
  revokedAt: orNull(numberIn, row, 'revoked_at'),
  revokedBy: orNull(bytesIn, row, 'revoked_by'),
});

/** API keys in SQL; each verb is one statement, except a creation under a limit. */
export const sqlApiKeys = (sqlContext: SqlContext): ((db: Database) => ApiKeyStore) => {
  const { tables, now } = sqlContext;
  const table = tables.api_keys;
  const isLive = sql`revoked_at is null and (expires_at is null or expires_at > ${now})`;
  const create = createKey(sqlContext, isLive);
  const select = new Statement<'keyId'>(
    (p) => sql`select t.store_time as store_time, key_id is not null as is_found, ${columns}
      from (select ${now} as store_time) as t left join ${table} on key_id = ${p('keyId')}`,
  );
  const noteUse = new Statement<'keyId'>(
    (p) => sql`update ${table} set last_used_at = ${now}
      where key_id = ${p('keyId')} and ${isLive} and (last_used_at is null or last_used_at < ${now})`,
  );
  const selectLive = new Statement<'userId'>(
    (
      p,
    ) => sql`select key_id is not null as is_found, ${columns} from (select 1 as one) as t left join ${table}
        on user_id = ${p('userId')} and ${isLive}
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
    create: (key, limit) => create(db, key, limit),
    find: async (keyId, interval) => {
      const row = foundIn((await db.run(select, { keyId })).row);
      if (!row) return null;
      const time = numberIn(row, 'store_time');
      const record = recordOf(row);
      if (interval !== undefined && isUseDue(record, interval, time)) {
        const noting = db.run(noteUse, { keyId });
        // Only a transaction must wait for it. If the update is lost, the next use repeats it.
        if (db.inTransaction) await noting;
        else db.runInBackground(noting);
      }
      return { record, now: time };
    },
    list: async (userId) => {
      const { rows } = await db.run(selectLive, { userId });
      if (rows.length === 0) throw new StoreRecordError('the list of API keys has no row');
      return rows.filter(foundIn).map(recordOf);
    },
    revoke: ({ keyId, userId, callId }) => revoke(db, { id: keyId, userId, callId }),
    revokeAll: (input) => revokeAll(db, input),
    deleteExpired: () => remove(db),
  });
};

const isUseDue = (record: ApiKeyRecord, interval: number, now: number): boolean =>
  record.revokedAt === null &&
  (record.expiresAt === null || now < record.expiresAt) &&
  (record.lastUsedAt === null || now - record.lastUsedAt >= interval);

type Create = (db: Database, key: NewApiKey, limit?: number) => Promise<ApiKeyRecord>;

/**
 * Inserts a key. Under a limit, SQLite counts in the same statement, because only one connection writes
 * at a time. The others lock the user first, so that a concurrent creation waits.
 */
const createKey = (sqlContext: SqlContext, isLive: Sql): Create => {
  const { dialect, tables, now } = sqlContext;
  const table = tables.api_keys;
  const returning = hasReturning(dialect);
  const row = (p: (name: keyof NewApiKey) => Sql): Sql =>
    sql`${p('keyId')}, ${p('userId')}, ${p('tokenHash')}, ${p('name')}, ${p('claims')},
      ${returning ? now : sql`last_insert_id(${now})`}, ${p('expiresAt')}, null, null, null`;
  const end = returning ? sql`on conflict do nothing returning created_at` : sql``;
  const countOthers = (p: (name: 'userId' | 'keyId') => Sql): Sql =>
    sql`select count(*) as live from ${table}
      where user_id = ${p('userId')} and ${isLive} and key_id <> ${p('keyId')}`;

  const insert = new Statement<keyof NewApiKey>(
    (p) => sql`insert into ${table} (${columns}) values (${row(p)}) ${end}`,
  );
  const insertCounted = new Statement<keyof NewApiKey | 'limit'>(
    (p) => sql`insert into ${table} (${columns})
      select ${row(p)} where (${countOthers(p)}) < ${p('limit')} ${end}`,
  );
  const select = new Statement<'keyId'>(
    (p) => sql`select ${columns} from ${table} where key_id = ${p('keyId')}`,
  );
  const count = new Statement<'userId' | 'keyId'>(countOthers);
  const lock = lockUser(sqlContext);

  const write: Create = async (db, key, limit) => {
    const { keyId, userId, tokenHash, name, claims, expiresAt } = key;
    const values = { keyId, userId, tokenHash, name, claims, expiresAt };
    try {
      const result =
        limit === undefined
          ? await db.run(insert, values)
          : await db.run(insertCounted, { ...values, limit });
      const createdAt = createdAtIn(result, dialect);
      const fresh = { tokenHash: new Uint8Array(tokenHash), lastUsedAt: null };
      if (createdAt !== null) {
        return { ...values, ...fresh, createdAt, revokedAt: null, revokedBy: null };
      }
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
    const [known] = (await db.run(select, { keyId })).rows.map(recordOf);
    // The call that created the key is sent again.
    if (known && isSameKey(known, key)) return known;
    if (!known && limit !== undefined) throw new ApiKeyLimitError();
    throw new InvalidInputError('keyId', 'already exists');
  };
  if (dialect === 'sqlite') return write;
  return (db, key, limit) => {
    if (limit === undefined) return write(db, key);
    return db.transaction(async (trx) => {
      const { userId, keyId } = key;
      await lock(trx, userId);
      const { row: counted } = await trx.run(count, { userId, keyId });
      if (numberIn(counted, 'live') >= limit) throw new ApiKeyLimitError();
      return write(trx, key);
    });
  };
};

/**
 * Revokes a user's live keys, and counts those that the call revoked, now or when it was sent the first
 * time. The latter are written unchanged: a `select` beside the `update` might not see them yet. MySQL
 * counts rows that are written unchanged only with `FOUND_ROWS`, so there they are counted afterwards.
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
      where ${isRevocable(sqlContext, keys, p, isLive)}${returningEach(sqlContext.dialect)}`,
  );
  const count = new Statement<'userId' | 'callId'>(
    (p) => sql`select count(*) as revoked from ${table}
      where user_id = ${p('userId')} and revoked_by = ${p('callId')}`,
  );
  return async (db, { userId, callId }) => {
    const { affected } = await db.run(update, { userId, callId });
    if (sqlContext.dialect !== 'mysql') return affected;
    return numberIn((await db.run(count, { userId, callId })).row, 'revoked');
  };
};
