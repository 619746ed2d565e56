import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { start } from '../harness/demo.ts';

interface Documented {
  readonly paths: Record<string, Record<string, { requestBody?: { content: object } }>>;
}

test('the document is valid, and lists every route of the demo and of Pawl', async () => {
  await using service = await start();
  const { status, body } = await service.send('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(await new Validator().validate({ ...body })).toMatchObject({ valid: true });
  const { paths } = body as unknown as Documented;
  const listed = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
  );
  expect(listed.toSorted()).toEqual([
    'DELETE /api-keys/{id}',
    'DELETE /delete',
    'DELETE /sessions',
    'DELETE /sessions/{id}',
    'GET /.well-known/jwks.json',
    'GET /api-keys',
    'GET /content',
    'GET /events',
    'GET /health',
    'GET /ready',
    'GET /session',
    'GET /sessions',
    'POST /api-keys',
    'POST /change-password',
    'POST /code',
    'POST /code/login',
    'POST /login',
    'POST /logout',
    'POST /refresh',
    'POST /register',
    'POST /step-up',
  ]);
  expect(paths['/register']?.['post']?.requestBody).toMatchObject({
    content: {
      'application/json': {
        schema: { required: ['username', 'password'], properties: { password: { minLength: 8 } } },
      },
    },
  });
});
