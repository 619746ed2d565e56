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
  summary: 'Ends what a token stands for (RFC 7009).',
  security: ['client', 'none'],
  requestBody: form,
  responses: { 200: { description: 'It is good for nothing any more, or never was.' } },
  errors,
};

export const introspectionOperation: OpenApiOperation = {
  summary: 'Tells what a token stands for (RFC 7662).',
  security: ['client', 'none'],
  requestBody: form,
  responses: {
    200: jsonContent('What it stands for, if anything.', {
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
