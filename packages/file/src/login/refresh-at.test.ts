import { ConfigurationError } from '@pawl/core';
import { expect, it } from 'vitest';
import { RefreshFailedError, refreshAt } from './refresh-at.ts';

const url = 'https://api.example.com/refresh';
const { signal } = new AbortController();

const answering =
  (status: number, body: string): typeof fetch =>
  async () =>
    new Response(body, { status });

it('posts the token as JSON, and follows no redirect', async () => {
  const seen: unknown[] = [];
  const tokens = { access_token: 'a', refresh_token: 'r', expires_in: 600 };
  const refresh = refreshAt(url, async (address, init) => {
    seen.push(address, init?.method, init?.body, init?.redirect, init?.signal === signal);
    return Response.json(tokens);
  });
  expect(await refresh('old', signal)).toEqual(tokens);
  expect(seen).toEqual([new URL(url), 'POST', '{"refresh_token":"old"}', 'error', true]);
});

it.each([
  [401, '{"error":"invalid_grant"}'],
  [401, ''],
  [400, '{"error":"invalid_grant"}'],
])('returns null for %i %s', async (status, body) => {
  expect(await refreshAt(url, answering(status, body))('old', signal)).toBeNull();
});

it.each([
  [200, 'secret'],
  [200, '7'],
  [400, '{"error":"invalid_request"}'],
  [403, ''],
  [404, ''],
  [409, '{"error":"refresh_retry"}'],
  [429, ''],
  [500, 'secret'],
  [503, '{"error":"unavailable"}'],
])('throws for %i %s, without quoting the response', async (status, body) => {
  const error = await refreshAt(url, answering(status, body))('old', signal).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(RefreshFailedError);
  expect(error).toMatchObject({ status });
  expect(String(error)).not.toContain('secret');
});

it.each(['http://localhost:8080/refresh', 'http://127.0.0.1/', 'http://[::1]:80/'])(
  'accepts %s',
  (address) => {
    expect(() => refreshAt(address)).not.toThrow();
  },
);

it.each([
  'http://api.example.com/refresh',
  'http://localhost.example.com/',
  'file:///a',
  'refresh',
])('refuses %s', (address) => {
  expect(() => refreshAt(address)).toThrow(ConfigurationError);
});
