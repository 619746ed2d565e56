import type { ErrorCode } from '../errors.ts';
import { jsonContent, type OpenApiObject, type OpenApiOperation } from '../openapi/operation.ts';

const text: OpenApiObject = { type: 'string' };

const form: OpenApiObject = {
  required: true,
  content: {
    'application/x-www-form-urlencoded': {
      schema: {
        type: 'object',
        properties: { token: text, token_type_hint: text, client_id: text, client_secret: text },
        required: ['token'],
      },
    },
  },
};

const errors: readonly ErrorCode[] = [
  'ERR_REQUEST_INVALID',
  'ERR_CLIENT_INVALID',
  'ERR_BODY_TOO_LARGE',
  'ERR_MEDIA_TYPE',
  'ERR_STORE_UNAVAILABLE',
];

export const revocationOperation: OpenApiOperation = {
  summary: 'Revokes a token and its session (RFC 7009).',
  security: ['client', 'none'],
  requestBody: form,
  responses: { 200: { description: 'The token is not valid, or no longer.' } },
  errors,
};

export const introspectionOperation: OpenApiOperation = {
  summary: 'Describes a token (RFC 7662).',
  security: ['client', 'none'],
  requestBody: form,
  responses: {
    200: jsonContent('What the token stands for, if it is active.', {
      oneOf: [
        {
          type: 'object',
          properties: { active: { const: false } },
          required: ['active'],
          additionalProperties: false,
        },
        {
          type: 'object',
          properties: { active: { const: true }, sub: text, exp: { type: 'integer' } },
          required: ['active', 'sub', 'token_type'],
        },
      ],
    }),
  },
  errors,
};
