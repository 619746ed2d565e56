import type { ErrorCode } from '../errors.ts';

/** A part of an OpenAPI 3.1 document, as a JSON value. */
export type OpenApiObject = Readonly<Record<string, unknown>>;

/** A security scheme of the OpenAPI document; `none` if no credential is required. */
export type OpenApiSecurity =
  | 'session_cookie'
  | 'access_cookie'
  | 'refresh_cookie'
  | 'bearer'
  | 'dpop'
  | 'client'
  | 'none';

/** The description of a route in the OpenAPI document, beside its path and its limit. */
export interface OpenApiOperation {
  readonly summary: string;
  readonly security: readonly OpenApiSecurity[];
  readonly parameters?: readonly OpenApiObject[] | undefined;
  readonly requestBody?: OpenApiObject | undefined;
  /** The successful responses, by status. */
  readonly responses: Readonly<Record<number, OpenApiObject>>;
  /** Why it may be refused: each code becomes its status and its `error`. */
  readonly errors: readonly ErrorCode[];
}

/** Describes a JSON response with a schema. */
export const jsonContent = (description: string, schema: OpenApiObject): OpenApiObject => ({
  description,
  content: { 'application/json': { schema } },
});
