import { type CompiledQuery, type Kysely, sql } from 'kysely';
import type { Sql } from './dialect.ts';
import { nameStatement } from './statement-name.ts';

/** Stands in a statement where a value will be when it is run. */
class Parameter {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A parameter that every run supplies by itself: see {@link GrammarOptions.clock}. */
export const nowParameter = 'now';

export const parameter = (name: string): Sql => sql`${new Parameter(name)}`;

/** The values of a statement by the names of its parameters. */
export type Values = Readonly<Record<string, string | number | Uint8Array | null>>;

/** A statement that is compiled once, when it is first run, and then only filled in. */
export class Statement<N extends string = never> {
  readonly #text: (p: (name: N) => Sql) => Sql;
  #compiled: CompiledQuery | undefined;

  constructor(text: (p: (name: N) => Sql) => Sql) {
    this.#text = text;
  }

  /** The compiled statement with its values: a `Parameter` stands for what is still to come. */
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
