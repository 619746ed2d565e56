import { lockSlots } from '../session/user-lock.ts';
import type { Ddl } from './ddl.ts';

/** One numbered migration: its statements for each direction. */
export interface Step {
  readonly name: string;
  readonly up: (ddl: Ddl) => readonly string[];
  readonly down: (ddl: Ddl) => readonly string[];
}

const sessions: Step = {
  name: '0001_sessions',
  up: (ddl) => [
    ...ddl.createSchema(),
    ddl.createTable({
      name: 'sessions',
      key: 'session_id',
      columns: [
        `session_id ${ddl.name(24)} not null`,
        `user_id ${ddl.name(255)} not null`,
        `generation ${ddl.big} not null`,
        `floor ${ddl.big} not null`,
        `kid ${ddl.int} not null`,
        `token_hash ${ddl.bytes(32)} not null`,
        `salt ${ddl.bytes(32)} not null`,
        `ring ${ddl.bytes(32)} not null`,
        `access_hash ${ddl.bytes(32)}`,
        `previous_access_hash ${ddl.bytes(32)}`,
        `confirmed ${ddl.small} not null`,
        `replays ${ddl.int} not null`,
        `strikes ${ddl.int} not null`,
        `created_at ${ddl.big} not null`,
        `rotated_at ${ddl.big} not null`,
        `previous_rotated_at ${ddl.big} not null`,
        `issued_at ${ddl.big} not null`,
        `last_active_at ${ddl.big} not null`,
        `idle_timeout ${ddl.big} not null`,
        `expires_at ${ddl.big} not null`,
        `sweep_at ${ddl.big} not null`,
        `revoked_at ${ddl.big}`,
        `revoked_reason ${ddl.name(255)}`,
        `device_id ${ddl.name(255)}`,
        `attributes ${ddl.text} not null`,
        `claims ${ddl.text} not null`,
        `data ${ddl.text} not null`,
        `data_version ${ddl.int} not null`,
        // Marks the rows that one statement revoked: see `session/revoke-all.ts`.
        ...(ddl.dialect === 'mysql' ? [`revocation ${ddl.bytes(16)}`] : []),
      ],
    }),
    // Touching and rotating change no indexed column.
    ddl.dialect === 'mysql'
      ? ddl.createIndex('sessions', 'user', 'user_id, revoked_at, created_at')
      : ddl.createIndex('sessions', 'user', 'user_id, created_at', 'revoked_at is null'),
    ddl.createIndex('sessions', 'sweep', 'sweep_at'),
  ],
  down: (ddl) => [ddl.dropTable('sessions')],
};

const locks: Step = {
  name: '0002_locks',
  up: (ddl) => [
    ddl.createTable({
      name: 'locks',
      key: 'slot',
      columns: [`slot ${ddl.int} not null`, `version ${ddl.big} not null`],
    }),
    `insert into ${ddl.table('locks')} (slot, version)
  with recursive slots (slot) as (select 0 union all select slot + 1 from slots where slot < ${lockSlots - 1})
  select slot, 0 from slots`,
  ],
  down: (ddl) => [ddl.dropTable('locks')],
};

const blocklist: Step = {
  name: '0003_blocklist',
  up: (ddl) => [
    ddl.createTable({
      name: 'blocklist',
      key: 'id',
      columns: [`id ${ddl.name(512)} not null`, `expires_at ${ddl.big} not null`],
    }),
    ddl.createIndex('blocklist', 'expiry', 'expires_at'),
  ],
  down: (ddl) => [ddl.dropTable('blocklist')],
};

const singleUse: Step = {
  name: '0004_single_use',
  up: (ddl) => [
    ddl.createTable({
      name: 'single_use',
      key: 'id',
      columns: [
        `id ${ddl.name(512)} not null`,
        `value ${ddl.text} not null`,
        `expires_at ${ddl.big} not null`,
      ],
    }),
    ddl.createIndex('single_use', 'expiry', 'expires_at'),
  ],
  down: (ddl) => [ddl.dropTable('single_use')],
};

const apiKeys: Step = {
  name: '0005_api_keys',
  up: (ddl) => [
    ddl.createTable({
      name: 'api_keys',
      key: 'key_id',
      columns: [
        `key_id ${ddl.name(24)} not null`,
        `user_id ${ddl.name(255)} not null`,
        `token_hash ${ddl.bytes(32)} not null`,
        `name ${ddl.text} not null`,
        `claims ${ddl.text} not null`,
        `created_at ${ddl.big} not null`,
        `expires_at ${ddl.big}`,
        `last_used_at ${ddl.big}`,
        `revoked_at ${ddl.big}`,
      ],
    }),
    ddl.dialect === 'mysql'
      ? ddl.createIndex('api_keys', 'user', 'user_id, revoked_at, created_at')
      : ddl.createIndex('api_keys', 'user', 'user_id, created_at', 'revoked_at is null'),
    ddl.createIndex('api_keys', 'expiry', 'expires_at', 'expires_at is not null'),
  ],
  down: (ddl) => [ddl.dropTable('api_keys')],
};

const leases: Step = {
  name: '0006_leases',
  up: (ddl) => [
    ddl.createTable({
      name: 'leases',
      key: 'name',
      columns: [
        `name ${ddl.name(512)} not null`,
        `fence ${ddl.big} not null`,
        `expires_at ${ddl.big} not null`,
      ],
    }),
    ddl.createIndex('leases', 'expiry', 'expires_at'),
  ],
  down: (ddl) => [ddl.dropTable('leases')],
};

const rateLimits: Step = {
  name: '0007_rate_limits',
  up: (ddl) => [
    ddl.createTable({
      name: 'rate_limits',
      key: 'id',
      columns: [
        `id ${ddl.name(512)} not null`,
        `full_at ${ddl.big} not null`,
        ...(ddl.dialect === 'mysql' ? [] : [`previous_full_at ${ddl.big} not null`]),
      ],
    }),
    ddl.createIndex('rate_limits', 'expiry', 'full_at'),
  ],
  down: (ddl) => [ddl.dropTable('rate_limits')],
};

/** Adds the columns of the second edition of the rotation protocol. Existing sessions stay valid. */
const secondEdition: Step = {
  name: '0008_second_edition',
  up: (ddl) => [
    ...ddl.addColumns('sessions', [
      `late_run ${ddl.int} not null default 0`,
      `late_replay_at ${ddl.big}`,
      `last_call_id ${ddl.bytes(16)}`,
      `regressed_at ${ddl.big}`,
      `revoked_by ${ddl.bytes(16)}`,
      `data_call_ids ${ddl.bytes(64)}`,
    ]),
    ...ddl.addColumns('api_keys', [`revoked_by ${ddl.bytes(16)}`]),
    // One byte more than a callId, for MySQL: see `single-use.ts` and `rate-limits.ts`.
    ...ddl.addColumns('single_use', [
      `put_by ${ddl.bytes(17)}`,
      `taken_by ${ddl.bytes(16)}`,
      `taken_until ${ddl.big}`,
    ]),
    ...ddl.addColumns('leases', [`granted_by ${ddl.bytes(16)}`]),
    ...ddl.addColumns('rate_limits', [`last_call_id ${ddl.bytes(17)}`]),
    ddl.createIndex('sessions', 'call', 'revoked_by', 'revoked_by is not null'),
    ddl.createIndex('api_keys', 'call', 'revoked_by', 'revoked_by is not null'),
  ],
  down: (ddl) => [
    ddl.dropIndex('sessions', 'call'),
    ddl.dropIndex('api_keys', 'call'),
    ...ddl.dropColumns('sessions', [
      'late_run',
      'late_replay_at',
      'last_call_id',
      'regressed_at',
      'revoked_by',
      'data_call_ids',
    ]),
    ...ddl.dropColumns('api_keys', ['revoked_by']),
    ...ddl.dropColumns('single_use', ['put_by', 'taken_by', 'taken_until']),
    ...ddl.dropColumns('leases', ['granted_by']),
    ...ddl.dropColumns('rate_limits', ['last_call_id']),
  ],
};

/** One time per user, before which all tokens of the user are revoked. */
const userTimes: Step = {
  name: '0009_user_times',
  up: (ddl) => [
    ddl.createTable({
      name: 'user_times',
      key: 'subject',
      columns: [
        `subject ${ddl.name(255)} not null`,
        `not_before ${ddl.big} not null`,
        `expires_at ${ddl.big} not null`,
      ],
    }),
    ddl.createIndex('user_times', 'expiry', 'expires_at'),
  ],
  down: (ddl) => [ddl.dropTable('user_times')],
};

/** The time of the last call of a bucket, so that time does not go back for a concurrent call. */
const rateLimitTime: Step = {
  name: '0010_rate_limit_time',
  up: (ddl) => ddl.addColumns('rate_limits', [`seen_at ${ddl.big}`]),
  down: (ddl) => ddl.dropColumns('rate_limits', ['seen_at']),
};

/** All migrations, in order. Never change one that was published; add a new one instead. */
export const steps: readonly Step[] = [
  sessions,
  locks,
  blocklist,
  singleUse,
  apiKeys,
  leases,
  rateLimits,
  secondEdition,
  userTimes,
  rateLimitTime,
];
