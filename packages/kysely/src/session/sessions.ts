import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { revokeOne } from '../sql/revoke-one.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { createSession } from './create.ts';
import { findSession } from './find.ts';
import { listSessions } from './list.ts';
import { revokeAllSessions } from './revoke-all.ts';
import { rotateSession } from './rotate.ts';
import { deleteExpiredSessions } from './sweep.ts';
import { touchSession } from './touch.ts';
import { elevateSession, writeSessionData } from './write.ts';

/** Sessions in SQL. Builds the statements once; the returned function runs them on a database. */
export const sqlSessions = (sqlContext: SqlContext): ((db: Database) => SessionStore) => {
  const create = createSession(sqlContext);
  const find = findSession(sqlContext);
  const rotate = rotateSession(sqlContext);
  const elevate = elevateSession(sqlContext);
  const writeData = writeSessionData(sqlContext);
  const touch = touchSession(sqlContext);
  const revoke = revokeOne(sqlContext, {
    table: sqlContext.tables.sessions,
    key: sql`session_id`,
    hasReason: true,
  });
  const revokeAll = revokeAllSessions(sqlContext);
  const list = listSessions(sqlContext);
  const deleteExpired = deleteExpiredSessions(sqlContext);

  return (db) => ({
    create: create(db),
    find: find(db),
    rotate: rotate(db),
    elevate: elevate(db),
    writeData: writeData(db),
    touch: touch(db),
    revoke: ({ sessionId, ...input }) => revoke(db, { id: sessionId, ...input }),
    revokeAll: revokeAll(db),
    list: list(db),
    deleteExpired: deleteExpired(db),
  });
};
