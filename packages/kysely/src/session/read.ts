import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { forUpdate, type Sql } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { recordList, recordOf } from './row.ts';

interface ReadSession {
  readonly record: SessionRecord;
  /** The store's time, in ms since the epoch. */
  readonly now: number;
}

/** Reads one session by its id, in one statement. */
export const readSession = (
  sqlContext: SqlContext,
): ((db: Database, sessionId: string) => Promise<ReadSession | null>) => {
  const { dialect, tables, now } = sqlContext;
  const select = (lock: Sql): Statement<'sessionId'> =>
    new Statement(
      (p) => sql`select ${now} as store_time, ${recordList} from ${tables.sessions}
        where session_id = ${p('sessionId')} ${lock}`,
    );
  const plain = select(sql``);
  const locking = select(forUpdate(dialect));

  return async (db, sessionId) => {
    // Without the lock, a transaction could read an older snapshot, which no write could match.
    const { rows } = await db.run(db.inTransaction ? locking : plain, { sessionId });
    const [row] = rows;
    return row ? { record: recordOf(row), now: Number(row.store_time) } : null;
  };
};
