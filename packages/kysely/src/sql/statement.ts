import { type CompiledQuery, type Kysely, sql } from 'kysely';
import type { Sql } from './dialect.ts';
import { nameStatement } from './statement-name.ts';

/** A placeholder in a statement for a value that each run supplies. */
class Parameter {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** The parameter that `Database` sets to the time of the injected clock. */
export const nowParameter = 'now';

/** A named parameter of a statement. */
export const parameter = (name: string): Sql => sql`${new Parameter(name)}`;

/** The values of a statement by the names of its parameters. */
export type Values = Readonly<Record<string, string | number | Uint8Array | null>>;

/** A statement that is compiled once, at its first run; later runs only fill in the values. */
export class Statement<N extends string = never> {
  readonly #text: (p: (name: N) => Sql) => Sql;
  #compiled: CompiledQuery | undefined;

  constructor(text: (p: (name: N) => Sql) => Sql) {
    this.#text = text;
  }

  /** Returns the compiled statement with its values in place of the parameters. */
  fill(db: Kysely<unknown>, valueOf: (name: N) => unknown): CompiledQuery {
    this.#compiled ??= this.#compile(db);
    const { query, queryId, sql: text, parameters } = this.#compiled;
    const values = parameters.map((value) =>
      value instanceof Parameter ? valueOf(value.name as N) : value,
    );
    return { query, queryId, sql: text, parameters: values };
  }

  #compile(db: Kysely<unknown>): CompiledQuery {
    const compiled = this.#text(parameter).compile(db);
    nameStatement(compiled.sql);
    return compiled;
  }
}
