import { CompiledQuery, type Kysely } from 'kysely';
import type { DialectName } from '../src/sql/dialect.ts';

/** Every number from 0 to 99,999, in SQL that all dialects accept. */
const numbers = `with digits (d) as (
    select 0 union all select 1 union all select 2 union all select 3 union all select 4 union all
    select 5 union all select 6 union all select 7 union all select 8 union all select 9
  ), numbers (n) as (
    select a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d
    from digits a, digits b, digits c, digits e, digits f
  )`;

const day = 86_400_000;

/** Inserts 100,000 rows per table: ten sessions per user, and one expired row in a hundred. */
export const fill = async (db: Kysely<unknown>, dialect: DialectName): Promise<void> => {
  const named = (prefix: string, number: string): string =>
    dialect === 'mysql' ? `concat('${prefix}', ${number})` : `'${prefix}' || ${number}`;
  const bytes = (length: number): string =>
    dialect === 'postgres' ? `'\\x${'ab'.repeat(length)}'::bytea` : `x'${'ab'.repeat(length)}'`;
  const id = named('row-', 'n');
  const user = named('user-', dialect === 'mysql' ? 'n div 10' : 'n / 10');
  const now = Date.now();
  const created = `${now - day} + n`;
  const expires = `${now} + (n % 100 - 1) * ${day / 10} + n`;
  const json = `'{"role":"reader"}'`;
  const inserts = [
    `insert into pawl_sessions (session_id, user_id, generation, floor, kid, token_hash, salt, ring,
       confirmed, replays, strikes, created_at, rotated_at, previous_rotated_at, issued_at,
       last_active_at, idle_timeout, expires_at, sweep_at, attributes, claims, data, data_version)
     ${numbers}
     select ${id}, ${user}, 1, 0, 1, ${bytes(32)}, ${bytes(32)}, ${bytes(8)}, 1, 0, 0,
       ${created}, ${created}, ${created}, 1, ${created}, ${14 * day}, ${expires}, ${expires},
       ${json}, ${json}, ${json}, 0 from numbers`,
    ...['blocklist', 'single_use'].map((table) => {
      const [column, value] = table === 'single_use' ? [', value', ", 'value'"] : ['', ''];
      return `insert into pawl_${table} (id, expires_at${column})
        ${numbers} select ${id}, ${expires}${value} from numbers`;
    }),
    `insert into pawl_api_keys (key_id, user_id, token_hash, name, claims, created_at, expires_at)
     ${numbers} select ${id}, ${user}, ${bytes(32)}, 'name', ${json}, ${created}, ${expires} from numbers`,
    `insert into pawl_leases (name, fence, expires_at)
     ${numbers} select ${id}, n, ${expires} from numbers`,
    `insert into pawl_rate_limits (id, full_at${dialect === 'mysql' ? '' : ', previous_full_at'})
     ${numbers} select ${id}, ${expires}${dialect === 'mysql' ? '' : `, ${created}`} from numbers`,
    `insert into pawl_user_times (subject, not_before, expires_at)
     ${numbers} select ${id}, n, ${expires} from numbers`,
  ];
  const tables =
    'pawl_sessions, pawl_blocklist, pawl_single_use, pawl_api_keys, pawl_leases, pawl_rate_limits, pawl_user_times';
  const analyze = {
    postgres: `analyze ${tables}`,
    mysql: `analyze table ${tables}`,
    sqlite: 'analyze',
  };
  for (const text of [...inserts, analyze[dialect]]) await db.executeQuery(CompiledQuery.raw(text));
};
