import type { HttpRoute, OpenApiObject } from '@pawl/http';
import type { OpenApiOperation } from '@pawl/http/extension';

const text: OpenApiObject = { type: 'string' };
const textOrNull: OpenApiObject = { type: ['string', 'null'] };
const time: OpenApiObject = { type: 'string', format: 'date-time' };
const timeOrNull: OpenApiObject = { type: ['string', 'null'], format: 'date-time' };

const closedObject = (properties: Readonly<Record<string, OpenApiObject>>): OpenApiObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const json = (description: string, schema: OpenApiObject): OpenApiObject => ({
  description,
  content: { 'application/json': { schema } },
});

const seeOther = (description: string): OpenApiObject => ({
  description,
  headers: { Location: { schema: { type: 'string', format: 'uri' } } },
});

const query = (name: string, required: boolean): OpenApiObject => ({
  name,
  in: 'query',
  required,
  schema: text,
});

const session: OpenApiObject = {
  oneOf: [
    closedObject({ authenticated: { const: false } }),
    closedObject({
      authenticated: { const: true },
      user_id: text,
      organization_id: textOrNull,
      expires_at: time,
      auth_time: timeOrNull,
      acr: textOrNull,
      amr: { type: 'array', items: text },
      session: { oneOf: [{ $ref: '#/components/schemas/Session' }, { type: 'null' }] },
      upstream_expires_at: timeOrNull,
    }),
  ],
};

/** The OpenAPI operations of the routes, by name. */
export const operations: Readonly<Record<string, OpenApiOperation>> = {
  login: {
    summary: 'A page to navigate to. Redirects to the identity provider.',
    security: ['none'],
    parameters: [query('returnTo', false)],
    responses: { 303: seeOther('Redirects to the provider.') },
    errors: ['ERR_REQUEST_INVALID', 'ERR_CSRF', 'ERR_UPSTREAM_UNAVAILABLE'],
  },
  callback: {
    summary: 'The redirect URI: finishes a login.',
    security: ['none'],
    parameters: [query('state', true), query('code', false), query('iss', false)],
    responses: {
      303: seeOther('Redirects to where the login began, or to the page for failed logins.'),
    },
    errors: ['ERR_CSRF', 'ERR_SESSION_LIMIT', 'ERR_UPSTREAM_UNAVAILABLE', 'ERR_STORE_UNAVAILABLE'],
  },
  session: {
    summary: 'Returns whether there is a session, and whose.',
    security: ['session_cookie', 'none'],
    responses: { 200: json('Whether there is a session, and whose.', session) },
    errors: ['ERR_CSRF', 'ERR_REFRESH_RETRY', 'ERR_STORE_UNAVAILABLE'],
  },
  refresh: {
    summary: 'Refreshes the upstream token now.',
    security: ['session_cookie'],
    responses: {
      200: json('When the new token expires.', closedObject({ expires_at: timeOrNull })),
    },
    errors: [
      'ERR_CREDENTIAL_MISSING',
      'ERR_TOKEN_INVALID',
      'ERR_TOKEN_EXPIRED',
      'ERR_SESSION_NOT_FOUND',
      'ERR_SESSION_REVOKED',
      'ERR_SESSION_EXPIRED',
      'ERR_REUSE_DETECTED',
      'ERR_REFRESH_RETRY',
      'ERR_CSRF',
      'ERR_NOT_CONFIGURED',
      'ERR_UPSTREAM_UNAVAILABLE',
      'ERR_STORE_UNAVAILABLE',
    ],
  },
  logout: {
    summary:
      'Ends the sessions of the cookies, and returns where to end the session of the provider.',
    security: ['session_cookie', 'none'],
    responses: {
      200: json(
        'Where to end the session of the provider.',
        closedObject({ logout_url: { type: 'string', format: 'uri' } }),
      ),
      204: { description: 'The session has ended.' },
    },
    errors: ['ERR_CSRF', 'ERR_STORE_UNAVAILABLE'],
  },
  backchannel_logout: {
    summary: 'Called by the provider: ends sessions that have ended there.',
    security: ['none'],
    requestBody: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': { schema: closedObject({ logout_token: text }) },
      },
    },
    responses: { 200: { description: 'The sessions have ended.' } },
    errors: [
      'ERR_REQUEST_INVALID',
      'ERR_BODY_TOO_LARGE',
      'ERR_UPSTREAM_UNAVAILABLE',
      'ERR_STORE_UNAVAILABLE',
    ],
  },
};

/** Adds the required header to the operation of a route that scripts of the page call. */
export const withRequiredHeader = (header: string, route: HttpRoute): HttpRoute => {
  const { operation } = route;
  if (!operation?.security.includes('session_cookie')) return route;
  const parameter = { name: header, in: 'header', required: true, schema: { const: '1' } };
  const parameters = [parameter, ...(operation.parameters ?? [])];
  return { ...route, operation: { ...operation, parameters } };
};
