import { type ErrorCode, errorMappingOf } from '../errors.ts';
import type { HttpRoute } from '../routes/route.ts';
import type { AnyHttpSettings } from '../settings.ts';
import type { OpenApiInfo } from './info.ts';
import type { OpenApiObject, OpenApiOperation, OpenApiSecurity } from './operation.ts';
import { errorSchema, schemas } from './schemas.ts';

/** Creates an OpenAPI 3.1 document of exactly these routes. */
export const openApiDocument = (
  settings: AnyHttpSettings,
  routes: readonly HttpRoute[],
  { servers, ...info }: OpenApiInfo,
): OpenApiObject => {
  const paths: Record<string, Record<string, OpenApiObject>> = {};
  const security = securitySchemes(settings, routes);
  for (const route of routes) {
    if (!route.operation) continue;
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationObject(
      settings,
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
  { cookies, dpop }: AnyHttpSettings,
  routes: readonly HttpRoute[],
): Record<string, OpenApiObject> => ({
  bearer: { type: 'http', scheme: 'bearer' },
  ...(dpop && { dpop: { type: 'http', scheme: 'dpop' } }),
  ...(cookies && {
    [cookies.policy.mode === 'session' ? 'session_cookie' : 'access_cookie']: {
      type: 'apiKey',
      in: 'cookie',
      name: cookies.policy.credential.name,
    },
  }),
  ...(cookies?.policy.refresh && {
    refresh_cookie: { type: 'apiKey', in: 'cookie', name: cookies.policy.refresh.name },
  }),
  ...(routes.some(({ operation }) => operation?.security.includes('client')) && {
    client: { type: 'http', scheme: 'basic' },
  }),
});

const operationObject = (
  settings: AnyHttpSettings,
  { name, path }: HttpRoute,
  operation: OpenApiOperation,
  schemes: readonly string[],
): OpenApiObject => {
  const { summary, parameters = [], requestBody, responses, errors } = operation;
  const isLimited = Boolean(settings.rateLimits?.limit(name));
  const pathParameters = [...path.matchAll(/:(\w+)/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: name,
    summary,
    security: operation.security.flatMap((one) => requirement(one, schemes)),
    ...(pathParameters.length + parameters.length > 0 && {
      parameters: [...pathParameters, ...parameters],
    }),
    ...(requestBody && { requestBody }),
    responses: {
      ...responses,
      ...refusals([
        ...errors.filter((code) => isPossible(settings, name, code)),
        ...(isLimited ? (['ERR_RATE_LIMITED', 'ERR_STORE_UNAVAILABLE'] as const) : []),
      ]),
    },
  };
};

const requirement = (name: OpenApiSecurity, schemes: readonly string[]): OpenApiObject[] => {
  if (name === 'none') return [{}];
  return schemes.includes(name) ? [{ [name]: [] }] : [];
};

const header = (description: string): OpenApiObject => ({
  description,
  schema: { type: 'string' },
});

const isPossible = (
  { cookies, dpop }: AnyHttpSettings,
  route: string,
  code: ErrorCode,
): boolean => {
  if (code.startsWith('ERR_DPOP')) return dpop !== undefined;
  if (code === 'ERR_CSRF') return cookies !== null;
  const rotates = code === 'ERR_REFRESH_RETRY' || code === 'ERR_REFRESH_REFUSED';
  return !rotates || route === 'refresh' || cookies?.policy.mode === 'session';
};

/** Describes the refusals of a route, by status. */
const refusals = (codes: readonly ErrorCode[]): Record<number, OpenApiObject> => {
  const byStatus = new Map<
    number,
    { words: Set<string>; headers: Record<string, OpenApiObject> }
  >();
  for (const code of codes) {
    const mapping = errorMappingOf(code);
    if (!mapping) continue;
    const { words, headers } = byStatus.get(mapping.status) ?? { words: new Set(), headers: {} };
    words.add(mapping.error);
    if (mapping.challenge !== undefined) headers['WWW-Authenticate'] = challenge;
    if (mapping.retryAfter !== undefined || mapping.status === 429)
      headers['Retry-After'] = retryAfter;
    byStatus.set(mapping.status, { words, headers });
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
const retryAfter = header('In seconds: when to try again.');
