import type { OpenApiObject } from './operation.ts';

const text: OpenApiObject = { type: 'string' };
const textOrNull: OpenApiObject = { type: ['string', 'null'] };
const time: OpenApiObject = { type: 'string', format: 'date-time' };
const timeOrNull: OpenApiObject = { type: ['string', 'null'], format: 'date-time' };

/**
 * The schema of an object with exactly these members. All but the `optional` ones are required.
 */
const exactObject = (
  properties: Readonly<Record<string, OpenApiObject>>,
  optional: readonly string[] = [],
): OpenApiObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});

const session: Readonly<Record<string, OpenApiObject>> = {
  id: text,
  user_agent: textOrNull,
  ip: textOrNull,
  device_id: textOrNull,
  label: textOrNull,
  created_at: time,
  last_active_at: time,
  expires_at: time,
};

type SchemaName =
  | 'Tokens'
  | 'Session'
  | 'ListedSession'
  | 'Anonymous'
  | 'Authenticated'
  | 'KeySet'
  | 'RefreshToken';

export const ref = (name: SchemaName): OpenApiObject => ({
  $ref: `#/components/schemas/${name}`,
});

/** The schema of the body of a refusal. @param words the values that `error` may have */
export const errorSchema = (words: readonly string[]): OpenApiObject =>
  exactObject({ error: { type: 'string', enum: words }, message: text });

/** The schemas of the bodies of requests and responses. */
export const schemas: Readonly<Record<SchemaName, OpenApiObject>> = {
  Tokens: exactObject(
    {
      token_type: { enum: ['Bearer', 'DPoP'] },
      access_token: text,
      refresh_token: text,
      expires_in: { type: 'integer', minimum: 0, description: 'In seconds.' },
    },
    ['token_type', 'access_token', 'refresh_token'],
  ),
  Session: exactObject(session),
  ListedSession: exactObject({ ...session, current: { type: 'boolean' } }),
  Anonymous: exactObject({ authenticated: { const: false } }),
  Authenticated: exactObject({
    authenticated: { const: true },
    user_id: text,
    organization_id: textOrNull,
    expires_at: time,
    auth_time: timeOrNull,
    acr: textOrNull,
    amr: { type: 'array', items: text },
    session: { oneOf: [{ $ref: '#/components/schemas/Session' }, { type: 'null' }] },
  }),
  KeySet: exactObject({
    keys: {
      type: 'array',
      items: {
        type: 'object',
        properties: { kty: text, kid: text, alg: text, use: text },
        required: ['kty'],
      },
    },
  }),
  RefreshToken: {
    type: 'object',
    properties: { refresh_token: text },
  },
};
