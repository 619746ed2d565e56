import { randomBytes } from 'node:crypto';
import { createKyselyStore, createMigrator, preparedPool } from '@pawl/kysely';
import { startPostgres } from '@pawl/servers';
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely';
import { Pool, type PoolClient } from 'pg';
import type { Section } from '../measuring/report.ts';
import type { Rotator } from './deployment.ts';
import { compareRotations, createRotators } from './flight.ts';

interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Reports each named statement that a pool's clients receive. */
const watchedPool = (pool: Pool, onQuery: (query: Query) => void): PostgresPool => {
  const watched = new WeakMap<PoolClient, PoolClient>();
  const watch = (client: PoolClient): PoolClient =>
    new Proxy(client, {
      get: (target, property) =>
        property === 'query'
          ? (query: Query, values: readonly unknown[]) => {
              onQuery({ ...query, values });
              return target.query(query as never, values as never);
            }
          : boundProperty(target, property),
    });
  return {
    options: pool.options,
    end: () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      const known = watched.get(client) ?? watch(client);
      watched.set(client, known);
      return known as never;
    },
  };
};

const boundProperty = (target: PoolClient, property: string | symbol): unknown => {
  const value: unknown = Reflect.get(target, property);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
};

/**
 * Repeats the recorded statement of one rotation: the same named statement on the same row, each
 * time with a prepared next generation.
 */
const bareRotator = (pool: Pool, { name, text, values }: Query): Rotator => {
  const generation = values.findIndex((value) => value === 0);
  const hashes = values.flatMap((value, i) => (isHash(value) ? [i] : []));
  const [tokenHash, , presented] = hashes as [number, number, number];
  const current = [...values];
  const tokenHashes = Array.from({ length: 64 }, () => randomBytes(32));
  let turn = 0;
  return {
    rotate: async () => {
      current[generation] = (current[generation] as number) + 1;
      current[presented] = current[tokenHash];
      current[tokenHash] = tokenHashes[turn++ % tokenHashes.length];
      const { rowCount } = await pool.query({ name, text, values: current });
      if (rowCount !== 1) throw new Error('the bare statement did not rotate');
    },
  };
};

/** Values of 32 bytes are, in this order: the next token hash, its salt, the presented hash. */
const isHash = (value: unknown): boolean => value instanceof Uint8Array && value.length === 32;

/** Measures rotations on PostgreSQL against the bare prepared statement. */
export const postgresRotation = async (rounds: number): Promise<Section[]> => {
  const server = await startPostgres();
  const pool = new Pool({ connectionString: server.url, max: 10 });
  // A connection that breaks while it is idle fails no call.
  pool.on('error', () => {});
  const open = (inner: PostgresPool): Kysely<unknown> =>
    new Kysely({ dialect: new PostgresDialect({ pool: preparedPool(inner) }) });
  try {
    let last: Query | undefined;
    const db = open(pool);
    const watched = open(
      watchedPool(pool, (query) => {
        last = query;
      }),
    );
    const { error } = await createMigrator(db, { dialect: 'postgres' }).migrateToLatest();
    if (error) throw new Error('the tables could not be created', { cause: error });
    const store = createKyselyStore(db, { dialect: 'postgres' });
    const watchedStore = createKyselyStore(watched, { dialect: 'postgres' });
    const rotators = await createRotators(store, watchedStore, () =>
      bareRotator(pool, last as unknown as Query),
    );
    return await compareRotations(
      'rotation on PostgreSQL',
      rotators,
      { alone: { store: 1.2 }, inFlight: { store: 1.2 } },
      rounds,
    );
  } finally {
    await pool.end();
    await server.stop();
  }
};
