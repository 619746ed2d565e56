import { ConfigurationError } from '@pawl/core';
import { describe, expect, test } from 'vitest';
import type { ProxyRoute } from '../../src/proxy/options.ts';
import { createProxy } from '../../src/proxy/proxy.ts';
import { setUp } from './setting.ts';

describe('a contradiction fails at construction and names the option', () => {
  const route: ProxyRoute = { path: '/api', methods: ['GET'], target: 'https://api.example.com' };
  test.each<[string, Partial<ProxyRoute>]>([
    ['routes[0].path', { path: 'api' }],
    ['routes[0].path', { path: '/api/../x' }],
    ['routes[0].path', { path: '/api?x' }],
    ['routes[0].path', { path: '/%61pi' }],
    ['routes[0].methods', { methods: [] }],
    ['routes[0].methods', { methods: ['get'] }],
    ['routes[0].methods', { methods: ['CONNECT'] }],
    ['routes[0].methods', { methods: ['TRACE'] }],
    ['routes[0].methods', { methods: ['*'] }],
    ['routes[0].target', { target: 'api.example.com' }],
    ['routes[0].target', { target: 'ftp://api.example.com' }],
    ['routes[0].target', { target: 'https://api.example.com/v1?x' }],
    ['routes[0].target', { target: 'https://user:pass@api.example.com' }],
    ['routes[0].target', { target: 'https://api.example.com/a/../b' }],
    ['routes[0].timeout', { timeout: 0 }],
    ['routes[0].bodyLimit', { bodyLimit: -1 }],
    ['routes[0].requestHeaders', { requestHeaders: ['cookie'] }],
    ['routes[0].requestHeaders', { requestHeaders: ['x-forwarded-for'] }],
    ['routes[0].requestHeaders', { requestHeaders: 'x-app' as never }],
    ['routes[0].responseHeaders', { responseHeaders: ['set-cookie'] }],
    ['routes[0].webSocket', { webSocket: true, public: true }],
    ['routes[0].webSocket', { webSocket: true, methods: ['POST'] }],
  ])('%s: %o', async (option, change) => {
    const make = setUp({ routes: () => [{ ...route, ...change }] });
    await expect(make).rejects.toThrow(ConfigurationError);
    await expect(make).rejects.toMatchObject({ option });
  });

  test.each([
    ['routes', { routes: () => [route, route] }],
    ['recheckInterval', { recheckInterval: 1 }],
    ['addressHeader', { addressHeader: 'a b' }],
    ['requestHeaders', { requestHeaders: ['a b'] }],
    ['responseHeaders', { responseHeaders: ['connection'] }],
    ['responseLimit', { responseLimit: NaN }],
    ['idleTimeout', { idleTimeout: NaN }],
    ['connectTimeout', { connectTimeout: 0 }],
    ['maxConnections', { maxConnections: 0 }],
  ])('%s', async (option, options) => {
    await expect(setUp(options)).rejects.toMatchObject({ option });
  });

  test('a missing option', () => {
    expect(() =>
      createProxy({ routes: [] } as unknown as Parameters<typeof createProxy>[0]),
    ).toThrow(expect.objectContaining({ option: 'tokens' }));
  });
});
