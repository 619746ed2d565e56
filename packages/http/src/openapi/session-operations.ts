import type { ErrorCode } from '../errors.ts';
import { jsonContent, type OpenApiObject, type OpenApiOperation } from './operation.ts';
import { ref } from './schemas.ts';

const bodyErrors: readonly ErrorCode[] = [
  'ERR_REQUEST_INVALID',
  'ERR_BODY_TOO_LARGE',
  'ERR_MEDIA_TYPE',
];
const storeErrors: readonly ErrorCode[] = ['ERR_STORE_UNAVAILABLE'];
const proofErrors: readonly ErrorCode[] = ['ERR_DPOP_PROOF_INVALID', 'ERR_DPOP_NONCE'];
/** What a session cookie can cause besides, because guards rotate it. */
const resumeErrors: readonly ErrorCode[] = ['ERR_REFRESH_REFUSED', 'ERR_REFRESH_RETRY'];
const guardErrors: readonly ErrorCode[] = [
  'ERR_CREDENTIAL_MISSING',
  'ERR_TOKEN_INVALID',
  'ERR_TOKEN_EXPIRED',
  'ERR_SESSION_NOT_FOUND',
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
  ...resumeErrors,
  'ERR_CSRF',
  'ERR_FORBIDDEN',
  ...proofErrors,
  ...storeErrors,
];

const done: OpenApiObject = { description: 'Done.' };
const refreshTokenBody: OpenApiObject = {
  content: { 'application/json': { schema: ref('RefreshToken') } },
};

export const refreshOperation: OpenApiOperation = {
  summary: 'Exchanges a refresh token for new tokens, delivered the way the refresh token came.',
  security: ['session_cookie', 'refresh_cookie', 'none'],
  requestBody: refreshTokenBody,
  responses: { 200: jsonContent('The new tokens, or cookies with them.', ref('Tokens')) },
  errors: [
    'ERR_REFRESH_TOKEN_INVALID',
    'ERR_CSRF',
    'ERR_REFRESH_RETRY',
    ...bodyErrors,
    ...proofErrors,
    ...storeErrors,
  ],
};

export const noRefreshOperation: OpenApiOperation = {
  summary: 'There are no sessions, so there is nothing to refresh.',
  security: ['none'],
  responses: {},
  errors: ['ERR_NOT_FOUND'],
};

export const logoutOperation = (hasSessions: boolean): OpenApiOperation => ({
  summary: 'Revokes the session of the request and clears its cookies.',
  security: ['session_cookie', 'access_cookie', 'refresh_cookie', 'bearer', 'dpop', 'none'],
  ...(hasSessions && { requestBody: refreshTokenBody }),
  responses: { 204: done },
  errors: ['ERR_TOKEN_INVALID', 'ERR_CSRF', ...(hasSessions ? bodyErrors : []), ...storeErrors],
});

export const sessionOperation: OpenApiOperation = {
  summary: 'Returns who is logged in.',
  security: ['session_cookie', 'access_cookie', 'bearer', 'dpop', 'none'],
  responses: {
    200: jsonContent('Whether there is a valid session, and whose.', {
      oneOf: [ref('Authenticated'), ref('Anonymous')],
    }),
  },
  errors: ['ERR_REFRESH_RETRY', 'ERR_DPOP_NONCE', ...storeErrors],
};

export const listOperation: OpenApiOperation = {
  summary: 'Lists up to 100 sessions of the user, newest first; the Link header has the next page.',
  security: ['session_cookie', 'access_cookie', 'bearer', 'dpop'],
  parameters: [{ name: 'after', in: 'query', required: false, schema: { type: 'string' } }],
  responses: {
    200: jsonContent('The sessions.', { type: 'array', items: ref('ListedSession') }),
  },
  errors: ['ERR_REQUEST_INVALID', ...guardErrors],
};

export const revokeAllOperation: OpenApiOperation = {
  summary: 'Revokes all sessions of the user, or all others.',
  security: ['session_cookie', 'access_cookie', 'bearer', 'dpop'],
  parameters: [
    { name: 'except', in: 'query', required: false, schema: { const: 'current', type: 'string' } },
  ],
  responses: { 204: done },
  errors: ['ERR_REQUEST_INVALID', ...guardErrors],
};

export const revokeOneOperation: OpenApiOperation = {
  summary: 'Revokes one session of the user.',
  security: ['session_cookie', 'access_cookie', 'bearer', 'dpop'],
  responses: { 204: done },
  errors: ['ERR_NOT_FOUND', ...guardErrors],
};

export const jwksOperation: OpenApiOperation = {
  summary: 'The public keys of access tokens (RFC 7517 § 5).',
  security: ['none'],
  responses: { 200: jsonContent('The key set.', ref('KeySet')) },
  errors: [],
};
