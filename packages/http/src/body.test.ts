import { expect, test } from 'vitest';
import { request } from '../test/fixture.ts';
import { readJsonField } from './body.ts';
import type { HeaderValue } from './request.ts';

const read = (headers: Record<string, HeaderValue>, body: string, limit = 100) =>
  readJsonField(request('POST', '/', headers, body), 'token', limit);
const json = { 'content-type': 'application/json' };

test('returns one string field of an object', async () => {
  expect(await read(json, '{"token":"a","other":1}')).toBe('a');
  expect(await read(json, '{"token":""}')).toBe('');
  expect(await read(json, '{}')).toBeUndefined();
  expect(await read(json, '')).toBeUndefined();
  expect(await read({}, '')).toBeUndefined();
  expect(await read(json, '{"__proto__":{"token":"a"}}')).toBeUndefined();
});

test.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
])('media type %s', async (type) => {
  expect(await read({ 'content-type': type }, '{"token":"a"}')).toBe('a');
});

test.each<[Record<string, HeaderValue>]>([
  [{ 'content-type': 'text/plain' }],
  [{ 'content-type': 'application/x-www-form-urlencoded' }],
  [{ 'content-type': 'application/jsonp' }],
  [{ 'content-type': 'text/plain, application/json' }],
  [{ 'content-type': 'application/json; charset=utf-16' }],
  [{ 'content-type': ['application/json', 'application/json'] }],
  [{ 'content-type': '' }],
  [{ ...json, 'content-encoding': 'gzip' }],
  [{}],
])('A17: 415 for %o', async (headers) => {
  await expect(read(headers, '{"token":"a"}')).rejects.toMatchObject({ code: 'ERR_MEDIA_TYPE' });
});

test.each([
  '{',
  'null',
  '[]',
  '"a"',
  '1',
  '{"token":1}',
  '{"token":null}',
  '{"token":["a"]}',
  '\ufeff1',
  'a=1',
])('A17: 400 for %s', async (body) => {
  const error: unknown = await read(json, body).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: 'ERR_REQUEST_INVALID' });
  // The parser's message repeats the input.
  expect((error as Error).cause).toBeUndefined();
});

const latin = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

test('A17: 400 for bytes that are not UTF-8', async () => {
  const broken = { ...request('POST', '/', json), body: async () => latin('{"token":"\xff"}') };
  await expect(readJsonField(broken, 'token', 100)).rejects.toMatchObject({
    code: 'ERR_REQUEST_INVALID',
  });
});

test('A17: 413 for one byte more than the limit', async () => {
  const body = `{"token":"${'a'.repeat(88)}"}`;
  expect(body).toHaveLength(100);
  expect(await read(json, body)).toHaveLength(88);
  await expect(read(json, `${body} `)).rejects.toMatchObject({ code: 'ERR_BODY_TOO_LARGE' });
});
