import type { ErrorCode } from '../errors.ts';
import { jsonContent, type OpenApiObject, type OpenApiOperation } from './operation.ts';
import { ref } from './schemas.ts';

const ofBody: readonly ErrorCode[] = [
  'ERR_REQUEST_INVALID',
  'ERR_BODY_TOO_LARGE',
  'ERR_MEDIA_TYPE',
];
const ofStore: readonly ErrorCode[] = ['ERR_STORE_UNAVAILABLE'];
const ofProof: readonly ErrorCode[] = ['ERR_DPOP_PROOF_INVALID', 'ERR_DPOP_NONCE'];
const ofGuard: readonly ErrorCode[] = [
  'ERR_CREDENTIAL_MISSING',
  'ERR_TOKEN_INVALID',
  'ERR_TOKEN_EXPIRED',
  'ERR_SESSION_NOT_FOUND',
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
  'ERR_CSRF',
  'ERR_FORBIDDEN',
  ...ofProof,
  ...ofStore,
];

const done: OpenApiObject = { description: 'Done.' };
const refreshTokenBody: OpenApiObject = {
  content: { 'application/json': { schema: ref('RefreshToken') } },
};

export const refreshOperation: OpenApiOperation = {
  summary: 'Exchanges a refresh token for the next pair, and answers the way it came.',
  security: ['refresh_cookie', 'none'],
  requestBody: refreshTokenBody,
  responses: { 200: jsonContent('The new tokens, or cookies that hold them.', ref('Tokens')) },
  errors: [
    'ERR_REFRESH_TOKEN_INVALID',
    'ERR_CSRF',
    'ERR_REFRESH_RETRY',
    ...ofBody,
    ...ofProof,
    ...ofStore,
  ],
};

export const noRefreshOperation: OpenApiOperation = {
  summary: 'There are no sessions, so nothing is refreshed.',
  security: ['none'],
  responses: {},
  errors: ['ERR_NOT_FOUND'],
};

export const logoutOperation = (hasSessions: boolean): OpenApiOperation => ({
  summary: 'Ends what the tokens of the request stand for, and clears their cookies.',
  security: ['access_cookie', 'refresh_cookie', 'bearer', 'dpop', 'none'],
  ...(hasSessions && { requestBody: refreshTokenBody }),
  responses: { 204: done },
  errors: ['ERR_TOKEN_INVALID', 'ERR_CSRF', ...(hasSessions ? ofBody : []), ...ofStore],
});

export const sessionOperation: OpenApiOperation = {
  summary: 'Tells who is asking.',
  security: ['access_cookie', 'bearer', 'dpop', 'none'],
  responses: {
    200: jsonContent('Whether there is a live session, and whose.', {
      oneOf: [ref('Authenticated'), ref('Anonymous')],
    }),
  },
  errors: ['ERR_DPOP_NONCE', ...ofStore],
};

export const listOperation: OpenApiOperation = {
  summary: 'Lists the user’s live sessions, newest first.',
  security: ['access_cookie', 'bearer', 'dpop'],
  responses: {
    200: jsonContent('The sessions.', { type: 'array', items: ref('ListedSession') }),
  },
  errors: ofGuard,
};

export const revokeAllOperation: OpenApiOperation = {
  summary: 'Ends all of the user’s sessions, or all others.',
  security: ['access_cookie', 'bearer', 'dpop'],
  parameters: [
    { name: 'except', in: 'query', required: false, schema: { const: 'current', type: 'string' } },
  ],
  responses: { 204: done },
  errors: ['ERR_REQUEST_INVALID', ...ofGuard],
};

export const revokeOneOperation: OpenApiOperation = {
  summary: 'Ends one of the user’s sessions.',
  security: ['access_cookie', 'bearer', 'dpop'],
  responses: { 204: done },
  errors: ['ERR_NOT_FOUND', ...ofGuard],
};

export const jwksOperation: OpenApiOperation = {
  summary: 'The public keys of access tokens (RFC 7517 § 5).',
  security: ['none'],
  responses: { 200: jsonContent('The key set.', ref('KeySet')) },
  errors: [],
};
