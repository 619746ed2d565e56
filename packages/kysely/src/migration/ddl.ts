import type { DialectName } from '../sql/dialect.ts';
import { type NamingOptions, type TableName, validateNaming } from '../sql/table-names.ts';

/** The definition of a table. */
export interface TableDefinition {
  readonly name: TableName;
  /** Each as `name type`. */
  readonly columns: readonly string[];
  /** The primary key. */
  readonly key: string;
}

/** Writes data definition statements in one dialect, as plain text that can be printed or run. */
export class Ddl {
  readonly dialect: DialectName;
  readonly #prefix: string;
  readonly #schema: string | undefined;

  constructor(dialect: DialectName, naming: NamingOptions) {
    const { prefix, schema } = validateNaming(naming);
    this.dialect = dialect;
    this.#prefix = prefix;
    this.#schema = schema;
  }

  /** An 8-byte integer. */
  get big(): string {
    return this.#pick('bigint', 'bigint', 'integer');
  }

  get int(): string {
    return this.#pick('integer', 'int', 'integer');
  }

  get small(): string {
    return this.#pick('smallint', 'smallint', 'integer');
  }

  /** Text of practically unlimited length. */
  get text(): string {
    return this.#pick('text', 'mediumtext', 'text');
  }

  /** Text that is compared by its bytes. MySQL needs its maximum length, in characters. */
  name(length: number): string {
    return this.#pick('text collate "C"', `varchar(${length})`, 'text');
  }

  bytes(length: number): string {
    return this.#pick('bytea', `varbinary(${length})`, 'blob');
  }

  table(name: TableName): string {
    const table = this.#quote(`${this.#prefix}${name}`);
    return this.#schema === undefined ? table : `${this.#quote(this.#schema)}.${table}`;
  }

  /** On PostgreSQL: creates the schema if one is configured. */
  createSchema(): string[] {
    return this.dialect === 'postgres' && this.#schema !== undefined
      ? [`create schema if not exists ${this.#quote(this.#schema)}`]
      : [];
  }

  createTable({ name, columns, key }: TableDefinition): string {
    const lines = [...columns, `primary key (${key})`].map((line) => `  ${line}`).join(',\n');
    return `create table ${this.table(name)} (\n${lines}\n)${this.#tableOptions}`;
  }

  dropTable(name: TableName): string {
    return `drop table ${this.table(name)}`;
  }

  addColumns(name: TableName, columns: readonly string[]): string[] {
    return this.#alterTable(
      name,
      columns.map((column) => `add column ${column}`),
    );
  }

  dropColumns(name: TableName, columns: readonly string[]): string[] {
    return this.#alterTable(
      name,
      columns.map((column) => `drop column ${column}`),
    );
  }

  /** One statement, except on SQLite, which makes one change at a time. */
  #alterTable(name: TableName, changes: readonly string[]): string[] {
    const all = this.dialect === 'sqlite' ? changes : [changes.join(', ')];
    return all.map((change) => `alter table ${this.table(name)} ${change}`);
  }

  dropIndex(on: TableName, suffix: string): string {
    const index = this.#quote(`${this.#prefix}${on}_${suffix}`);
    if (this.dialect === 'mysql') return `drop index ${index} on ${this.table(on)}`;
    return `drop index ${this.#schema === undefined ? index : `${this.#quote(this.#schema)}.${index}`}`;
  }

  /** `where` makes it a partial index, except on MySQL, which has none and indexes all rows. */
  createIndex(on: TableName, suffix: string, columns: string, where?: string): string {
    const index = this.#quote(`${this.#prefix}${on}_${suffix}`);
    const inSchema = this.dialect === 'sqlite' && this.#schema !== undefined;
    const [name, table] = inSchema
      ? [`${this.#quote(this.#schema as string)}.${index}`, this.#quote(`${this.#prefix}${on}`)]
      : [index, this.table(on)];
    const partial = where !== undefined && this.dialect !== 'mysql' ? ` where ${where}` : '';
    return `create index ${name} on ${table} (${columns})${partial}`;
  }

  /** PostgreSQL: room for new row versions on the same page. MySQL: a binary collation. */
  get #tableOptions(): string {
    return this.#pick(
      ' with (fillfactor = 80)',
      ' engine = InnoDB character set utf8mb4 collate /*!80017 utf8mb4_0900_bin */ /*M!100202 utf8mb4_nopad_bin */',
      '',
    );
  }

  #quote(name: string): string {
    return this.dialect === 'mysql' ? `\`${name}\`` : `"${name}"`;
  }

  #pick(postgres: string, mysql: string, sqlite: string): string {
    return { postgres, mysql, sqlite }[this.dialect];
  }
}
