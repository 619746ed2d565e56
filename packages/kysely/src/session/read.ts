import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { forUpdate, type Sql } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { recordList, recordOf } from './row.ts';

interface ReadSession {
  readonly record: SessionRecord;
  /** The store's time. */
  readonly now: number;
}

/** Reads one session by its key, in one statement. */
export const readSession = (
  grammar: Grammar,
): ((db: Database, sessionId: string) => Promise<ReadSession | null>) => {
  const { dialect, tables, now } = grammar;
  const select = (lock: Sql): Statement<'sessionId'> =>
    new Statement(
      (p) => sql`select ${now} as store_time, ${recordList} from ${tables.sessions}
        where session_id = ${p('sessionId')} ${lock}`,
    );
  const plain = select(sql``);
  const locking = select(forUpdate(dialect));

  return async (db, sessionId) => {
    // An older snapshot of a transaction would show a record that no write could match.
    const { rows } = await db.run(db.inTransaction ? locking : plain, { sessionId });
    const [row] = rows;
    return row ? { record: recordOf(row), now: Number(row.store_time) } : null;
  };
};
