import { sql } from 'kysely';
import type { Sql } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';

/** The condition that a session is neither revoked nor expired: core's `endOf` in SQL. */
export const isLive = ({ now }: SqlContext): Sql =>
  sql`revoked_at is null and expires_at > ${now} and last_active_at + idle_timeout > ${now}`;
