import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { forUpdate } from '../sql/dialect.ts';
import { foundIn, numberIn } from '../sql/row-values.ts';
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
  const plain = new Statement<'sessionId'>(
    (p) => sql`select t.store_time as store_time, session_id is not null as is_found, ${recordList}
      from (select ${now} as store_time) as t left join ${tables.sessions}
        on session_id = ${p('sessionId')}`,
  );
  // PostgreSQL cannot lock a row of an outer join.
  const locking = new Statement<'sessionId'>(
    (p) => sql`select ${now} as store_time, ${recordList} from ${tables.sessions}
      where session_id = ${p('sessionId')} ${forUpdate(dialect)}`,
  );

  return async (db, sessionId) => {
    // Without the lock, a transaction could read an older snapshot, which no write could match.
    const result = await db.run(db.inTransaction ? locking : plain, { sessionId });
    const row = db.inTransaction ? result.rowIfAny : foundIn(result.row);
    return row ? { record: recordOf(row), now: numberIn(row, 'store_time') } : null;
  };
};
