import { sql } from 'kysely';
import type { Sql } from './dialect.ts';
import type { SqlContext } from './sql-context.ts';

/** A table of records that can be revoked, many in one call. */
interface RevocableTable {
  readonly table: Sql;
  /** The primary key. */
  readonly key: Sql;
}

/**
 * The condition that a row belongs to the user and meets `selected`, or that this call revoked it when
 * it was sent the first time. It is written so that each planner uses its indexes.
 */
export const isRevocable = (
  { dialect }: SqlContext,
  { table, key }: RevocableTable,
  p: (name: 'userId' | 'callId') => Sql,
  selected: Sql,
): Sql => {
  const isUser = sql`user_id = ${p('userId')}`;
  const isCall = sql`revoked_by = ${p('callId')}`;
  switch (dialect) {
    case 'postgres':
      return sql`(${isUser} and ${selected}) or ${isCall}`;
    case 'mysql':
      return sql`${isUser} and ((${selected}) or ${isCall})`;
    case 'sqlite':
      // SQLite uses no partial index for an operand of "or".
      return sql`${key} in (select ${key} from ${table} where ${isUser} and ${selected}
        union all select ${key} from ${table} where ${isCall})`;
  }
};
