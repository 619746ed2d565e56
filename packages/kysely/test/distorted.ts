import { type Dialect, type Driver, Kysely, type QueryResult } from 'kysely';

type Answer = QueryResult<Record<string, unknown>>;

/** What a driver, a plugin or a proxy may do to the results of a real server. */
export const distortions: Readonly<Record<string, (answer: Answer) => Answer>> = {
  'columns are renamed': (answer) => mapRows(answer, ([name, value]) => [`_${name}`, value]),
  'values are null': (answer) => mapRows(answer, ([name]) => [name, null]),
  'values are converted': (answer) =>
    mapRows(answer, ([name, value]) => [name, value === null ? null : { value }]),
  'numbers are not whole': (answer) =>
    mapRows(answer, ([name, value]) => [name, typeof value === 'number' ? value + 0.5 : value]),
  'rows are arrays': (answer) => ({
    ...answer,
    rows: answer.rows.map((row) => Object.values(row)) as never,
  }),
  'rows are missing': (answer) => ({ ...answer, rows: [] }),
  'rows are undefined': (answer) => ({ ...answer, rows: undefined as never }),
  'counts are missing': ({ rows }) => ({ rows }),
  'insert ids are missing': (answer) => ({ ...answer, insertId: undefined as never }),
  'counts are text': (answer) => ({
    ...answer,
    numAffectedRows: 'one' as never,
    insertId: 'two' as never,
  }),
};

const mapRows = (
  answer: Answer,
  map: (cell: readonly [string, unknown]) => readonly [string, unknown],
): Answer => ({
  ...answer,
  rows: answer.rows.map((row) => Object.fromEntries(Object.entries(row).map(map))),
});

/** A database whose results are distorted while `distort` is set. */
export interface DistortedDatabase extends Distortion {
  readonly db: Kysely<unknown>;
}

interface Distortion {
  distort: ((answer: Answer) => Answer) | undefined;
  /** Whether other statements than those on the store's tables are distorted, too. */
  isEverything: boolean;
}

/** Puts itself between Kysely and the driver of `dialect`. */
export const openDistorted = (dialect: Dialect): DistortedDatabase => {
  const distortion: Distortion = { distort: undefined, isEverything: false };
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createIntrospector: (kysely) => dialect.createIntrospector(kysely),
      createQueryCompiler: () => dialect.createQueryCompiler(),
      createDriver: () => distortDriver(dialect.createDriver(), distortion),
    },
  });
  return Object.assign(distortion, { db });
};

const distortDriver = (driver: Driver, database: Distortion): Driver => {
  const acquire = driver.acquireConnection.bind(driver);
  const seen = new WeakSet<object>();
  driver.acquireConnection = async (options) => {
    const connection = await acquire(options);
    if (seen.has(connection)) return connection;
    seen.add(connection);
    const execute = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query, options) => {
      const answer = await execute(query, options);
      const isOfStore = database.isEverything || query.sql.includes('pawl_');
      return (isOfStore && database.distort ? database.distort(answer as Answer) : answer) as never;
    };
    return connection;
  };
  return driver;
};
