import type { SessionStore } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { revokeOne } from '../sql/revoke-one.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { createSession } from './create.ts';
import { findSession } from './find.ts';
import { listSessions } from './list.ts';
import { revokeAllSessions } from './revoke-all.ts';
import { rotateSession } from './rotate.ts';
import { deleteExpiredSessions } from './sweep.ts';
import { touchSession } from './touch.ts';
import { elevateSession, writeSessionData } from './write.ts';

/** Sessions in SQL. The statements are the grammar's; a database to run them on may come and go. */
export const sqlSessions = (grammar: Grammar): ((db: Database) => SessionStore) => {
  const create = createSession(grammar);
  const find = findSession(grammar);
  const rotate = rotateSession(grammar);
  const elevate = elevateSession(grammar);
  const writeData = writeSessionData(grammar);
  const touch = touchSession(grammar);
  const revoke = revokeOne(grammar, {
    table: grammar.tables.sessions,
    key: sql`session_id`,
    hasReason: true,
  });
  const revokeAll = revokeAllSessions(grammar);
  const list = listSessions(grammar);
  const deleteExpired = deleteExpiredSessions(grammar);

  return (db) => ({
    create: create(db),
    find: find(db),
    rotate: rotate(db),
    elevate: elevate(db),
    writeData: writeData(db),
    touch: touch(db),
    revoke: (sessionId, reason, userId) => revoke(db, sessionId, userId, reason),
    revokeAll: revokeAll(db),
    list: list(db),
    deleteExpired: deleteExpired(db),
  });
};
