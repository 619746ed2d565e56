import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import type { Config } from '../config.ts';
import type { Service } from '../service.ts';
import {
  codeLogin,
  codeRequest,
  login,
  newApiKey,
  passwordChange,
  registration,
  stepUp,
} from './body.ts';
import { ok, publicRoute, type Route } from './route.ts';

interface Description {
  readonly summary: string;
  /** The status of success. */
  readonly status: number;
  readonly body?: GenericSchema;
  /** The statuses of refusals, besides 500, 503 and those of the guard and the limit. */
  readonly refusals?: readonly number[];
}

/** The demo's own routes by method and path, without the page and the experiments. */
const descriptions: Readonly<Record<string, Description>> = {
  'GET /health': { summary: 'Returns whether the process is alive.', status: 200 },
  'GET /ready': { summary: 'Returns whether the service is ready for requests.', status: 200 },
  'POST /register': {
    summary: 'Creates a user, with a full name if `name` is given, and logs in.',
    status: 201,
    body: registration,
    refusals: [400, 401, 403, 409, 413, 415],
  },
  'POST /login': {
    summary: 'Logs in with a password.',
    status: 200,
    body: login,
    refusals: [400, 401, 403, 413, 415],
  },
  'POST /logout': {
    summary:
      'Ends the session of the request, with any of its tokens, and says whether there was one.',
    status: 200,
    refusals: [401, 403],
  },
  'GET /content': {
    summary: 'Returns content for users only, the user name and the full name.',
    status: 200,
  },
  'POST /step-up': {
    summary: 'Checks the password again, and issues new credentials.',
    status: 200,
    body: stepUp,
    refusals: [400, 413, 415],
  },
  'POST /change-password': {
    summary:
      'Sets a password, ends all other sessions and all API keys, and replaces the tokens of the caller.',
    status: 200,
    body: passwordChange,
    refusals: [400, 413, 415],
  },
  'DELETE /delete': { summary: 'Deletes the account, its sessions and its keys.', status: 200 },
  'POST /code': {
    summary: 'Sends a single-use code to log in with.',
    status: 202,
    body: codeRequest,
    refusals: [400, 403, 413, 415, 501],
  },
  'POST /code/login': {
    summary: 'Logs in with a code.',
    status: 200,
    body: codeLogin,
    refusals: [400, 401, 403, 413, 415],
  },
  'GET /api-keys': { summary: 'Lists the user’s API keys.', status: 200 },
  'POST /api-keys': {
    summary: 'Creates an API key after a fresh login, and returns it only this once.',
    status: 201,
    body: newApiKey,
    refusals: [400, 413, 415],
  },
  'DELETE /api-keys/:id': { summary: 'Revokes an API key.', status: 204, refusals: [404] },
  'GET /events': { summary: 'Streams the events of this session.', status: 200 },
};

/** `GET /openapi.json`: the routes of Pawl, as Pawl describes them, and those of the demo. */
export const openApiRoutes = (service: Service, routes: readonly Route[]): readonly Route[] => {
  const document = describe(service, routes);
  return [publicRoute('GET', '/openapi.json', () => ok(document))];
};

const describe = ({ http, config }: Service, routes: readonly Route[]): Record<string, unknown> => {
  const document = http.openapi({ title: 'The demo of Pawl', version: '0.0.0' });
  const paths: Record<string, Record<string, unknown>> = { ...(document['paths'] as object) };
  for (const { method, path, guard, limit } of routes) {
    const description = descriptions[`${method} ${path}`];
    if (!description) continue;
    const at = path.replace(/:(\w+)/g, '{$1}');
    const parameters = [...path.matchAll(/:(\w+)/g)].map(([, name]) => parameter(name ?? ''));
    paths[at] = {
      ...paths[at],
      [method.toLowerCase()]: {
        ...operation(description, guard && security(config), limit !== null),
        ...(parameters.length > 0 && { parameters }),
      },
    };
  }
  const components = document['components'] as { readonly schemas: object };
  const schemas = { ...components.schemas, DemoProblem: problem };
  return { ...document, paths, components: { ...components, schemas } };
};

const problem = {
  type: 'object',
  required: ['error', 'message'],
  properties: { error: { type: 'string' }, message: { type: 'string' } },
};

/** What a guard accepts, by the names that Pawl gives it in its part of the document. */
const security = ({ cookies }: Config): readonly object[] => [
  { bearer: [] },
  cookies === 'session' ? { session_cookie: [] } : { access_cookie: [] },
];

/** With a session cookie, a guard may ask the client to come back with its newer cookie. */
const rotates = (one: object): boolean => 'session_cookie' in one;

const operation = (
  { summary, status, body, refusals = [] }: Description,
  security: readonly object[] | null,
  isLimited: boolean,
): Record<string, unknown> => {
  const statuses = [
    ...refusals,
    ...(security ? [401, 403] : []),
    ...(security?.some(rotates) ? [409] : []),
    ...(isLimited ? [429] : []),
    500,
    503,
  ];
  const refusal = {
    description: 'Refused.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/DemoProblem' } } },
  };
  return {
    summary,
    security: security ?? [],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(body) } },
      },
    }),
    responses: {
      [status]: { description: 'Success.' },
      ...Object.fromEntries(statuses.map((one) => [one, refusal])),
    },
  };
};

/** Describes the body that a client sends. Checks that JSON Schema cannot express are left out. */
const schemaOf = (body: GenericSchema): object => {
  const { $schema: _, ...schema } = toJsonSchema(body, { typeMode: 'input', errorMode: 'ignore' });
  return schema;
};

const parameter = (name: string): object => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string' },
});
