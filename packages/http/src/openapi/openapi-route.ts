import type { HttpRoute } from '../routes/route.ts';
import { jsonContent, type OpenApiObject } from './operation.ts';

/** `GET /openapi.json`. @param document called for the first request only */
export const openApiRoute = (authPath: string, document: () => OpenApiObject): HttpRoute => {
  let made: OpenApiObject | undefined;
  return {
    name: 'openapi',
    method: 'GET',
    path: `${authPath}/openapi.json`,
    operation: {
      summary: 'This document.',
      security: ['none'],
      responses: { 200: jsonContent('An OpenAPI 3.1 document.', { type: 'object' }) },
      errors: [],
    },
    handle: async () => {
      made ??= document();
      return {
        status: 200,
        headers: { 'cache-control': 'public, max-age=300' },
        cookies: [],
        body: made,
      };
    },
  };
};
