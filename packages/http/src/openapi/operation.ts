import type { ErrorCode } from '../errors.ts';

/** A part of an OpenAPI 3.1 document: JSON. */
export type OpenApiObject = Readonly<Record<string, unknown>>;

/** What may prove who asks; `none`: nothing has to. */
export type OpenApiSecurity =
  | 'access_cookie'
  | 'refresh_cookie'
  | 'bearer'
  | 'dpop'
  | 'client'
  | 'none';

/** What the OpenAPI document says of a route, beside its path and its limit. */
export interface OpenApiOperation {
  readonly summary: string;
  readonly security: readonly OpenApiSecurity[];
  readonly parameters?: readonly OpenApiObject[] | undefined;
  readonly requestBody?: OpenApiObject | undefined;
  /** The answers that are no refusal, by status. */
  readonly responses: Readonly<Record<number, OpenApiObject>>;
  /** What it may be refused for: each becomes its status and its word in the body. */
  readonly errors: readonly ErrorCode[];
}

/** A JSON answer of a schema. */
export const jsonContent = (description: string, schema: OpenApiObject): OpenApiObject => ({
  description,
  content: { 'application/json': { schema } },
});
