import type { HttpContext } from '../context.ts';
import { answerOf, type ErrorCode } from '../errors.ts';
import type { HttpRoute } from '../routes/route.ts';
import type { OpenApiInfo } from './info.ts';
import type { OpenApiObject, Operation, SecurityName } from './operation.ts';
import { errorSchema, schemas } from './schemas.ts';

type AnyContext = HttpContext<unknown, unknown>;

/** An OpenAPI 3.1 document of exactly the routes that are given. */
export const openApiDocument = (
  context: AnyContext,
  routes: readonly HttpRoute[],
  { servers, ...info }: OpenApiInfo,
): OpenApiObject => {
  const paths: Record<string, Record<string, OpenApiObject>> = {};
  const security = securitySchemes(context, routes);
  for (const route of routes) {
    if (!route.operation) continue;
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationObject(
      context,
      route,
      route.operation,
      Object.keys(security),
    );
  }
  return {
    openapi: '3.1.1',
    info,
    ...(servers && { servers }),
    paths,
    components: { schemas, securitySchemes: security },
  };
};

const securitySchemes = (
  { cookies, dpop }: AnyContext,
  routes: readonly HttpRoute[],
): Record<string, OpenApiObject> => ({
  bearer: { type: 'http', scheme: 'bearer' },
  ...(dpop && { dpop: { type: 'http', scheme: 'dpop' } }),
  ...(cookies && {
    access_cookie: { type: 'apiKey', in: 'cookie', name: cookies.policy.access.name },
  }),
  ...(cookies?.policy.refresh && {
    refresh_cookie: { type: 'apiKey', in: 'cookie', name: cookies.policy.refresh.name },
  }),
  ...(routes.some(({ operation }) => operation?.security.includes('client')) && {
    client: { type: 'http', scheme: 'basic' },
  }),
});

const operationObject = (
  context: AnyContext,
  { name, path }: HttpRoute,
  operation: Operation,
  schemes: readonly string[],
): OpenApiObject => {
  const { summary, parameters = [], requestBody, responses, errors } = operation;
  const isLimited = Boolean(context.rateLimits?.limit(name));
  const ofPath = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: name,
    summary,
    security: operation.security.flatMap((one) => requirement(one, schemes)),
    ...(ofPath.length + parameters.length > 0 && { parameters: [...ofPath, ...parameters] }),
    ...(requestBody && { requestBody }),
    responses: {
      ...responses,
      ...refusals([
        ...errors.filter((code) => isPossible(context, code)),
        ...(isLimited ? (['ERR_RATE_LIMITED', 'ERR_STORE_UNAVAILABLE'] as const) : []),
      ]),
    },
  };
};

const requirement = (name: SecurityName, schemes: readonly string[]): OpenApiObject[] => {
  if (name === 'none') return [{}];
  return schemes.includes(name) ? [{ [name]: [] }] : [];
};

const header = (description: string): OpenApiObject => ({
  description,
  schema: { type: 'string' },
});

const isPossible = ({ cookies, dpop }: AnyContext, code: ErrorCode): boolean =>
  code.startsWith('ERR_DPOP') ? dpop !== undefined : code !== 'ERR_CSRF' || cookies !== null;

/** The refusals of a route, by their status. */
const refusals = (codes: readonly ErrorCode[]): Record<number, OpenApiObject> => {
  const byStatus = new Map<
    number,
    { words: Set<string>; headers: Record<string, OpenApiObject> }
  >();
  for (const code of codes) {
    const answer = answerOf(code);
    if (!answer) continue;
    const { words, headers } = byStatus.get(answer.status) ?? { words: new Set(), headers: {} };
    words.add(answer.error);
    if (answer.challenge !== undefined) headers['WWW-Authenticate'] = challenge;
    if (answer.retryAfter !== undefined || answer.status === 429)
      headers['Retry-After'] = retryAfter;
    byStatus.set(answer.status, { words, headers });
  }
  return Object.fromEntries(
    [...byStatus].map(([status, { words, headers }]) => [
      status,
      {
        description: [...words].join(', '),
        headers,
        content: { 'application/json': { schema: errorSchema([...words]) } },
      },
    ]),
  );
};

const challenge = header('What is wrong with the credential (RFC 6750 § 3).');
const retryAfter = header('In seconds: when to come again.');
