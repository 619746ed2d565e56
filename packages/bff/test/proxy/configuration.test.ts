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
    ['maxConections', { maxConections: 3 } as object],
    ['routes', { routes: () => ({ 0: route, length: 1 }) as never }],
    ['routes[0].methode', { routes: () => [{ ...route, methode: ['GET'] }] }],
    ['tls.servername', { tls: { servername: 'a' } as never }],
    ['maxConnections', { maxConnections: 0 }],
    ['maxPublicConnections', { maxPublicConnections: 0.5 }],
    ['maxPerSession', { maxPerSession: 0 }],
    ['maxPerSession', { maxPerSession: 5, maxConnections: 4 }],
    ['maxPerClient', { maxPerClient: 200 }],
    ['maxPerClient', { maxPerClient: NaN }],
    ['maxUploads', { maxUploads: 0 }],
    ['maxUploads', { maxUploads: 3, maxConnections: 2 }],
    ['clientTimeout', { clientTimeout: 0 }],
    ['clientTimeout', { clientTimeout: Infinity }],
    ['queueTimeout', { queueTimeout: 0 }],
    ['queueTimeout', { queueTimeout: Infinity }],
  ])('%s', async (option, options) => {
    await expect(setUp(options)).rejects.toMatchObject({ option });
  });

  test('defaults adapt themselves to the number of connections', async () => {
    for (const maxConnections of [1, 2, 1_000]) {
      await using setting = await setUp({ maxConnections });
      expect(setting.events).toStrictEqual([]);
    }
  });

  test('a missing option', () => {
    expect(() =>
      createProxy({ routes: [] } as unknown as Parameters<typeof createProxy>[0]),
    ).toThrow(expect.objectContaining({ option: 'tokens' }));
  });
});
