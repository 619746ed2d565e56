import { sql } from 'kysely';
import type { Sql } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';

/** The core's `endOf`, as a condition on a row: neither revoked nor expired. */
export const isLive = ({ now }: Grammar): Sql =>
  sql`revoked_at is null and expires_at > ${now} and last_active_at + idle_timeout > ${now}`;
