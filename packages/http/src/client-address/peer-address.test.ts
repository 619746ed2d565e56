import { afterEach, expect, test, vi } from 'vitest';
import { peerAddress } from './peer-address.ts';

const address = '198.51.100.7';
const request = (headers: Record<string, string> = {}): Request =>
  new Request('http://localhost/', { headers });

afterEach(() => vi.unstubAllGlobals());

test.each<[string, unknown]>([
  ['@hono/node-server', { incoming: { socket: { remoteAddress: address } } }],
  ['Deno.serve', { remoteAddr: { hostname: address, port: 1, transport: 'tcp' } }],
  ['Bun.serve', { requestIP: () => ({ address, port: 1, family: 'IPv4' }) }],
  ['Bun.serve, as a part', { server: { requestIP: () => ({ address }) } }],
  ['AWS Lambda, a function URL', { requestContext: { http: { sourceIp: address } } }],
  ['AWS Lambda, a REST API', { requestContext: { identity: { sourceIp: address } } }],
])('%s shows the peer', (_, environment) => {
  expect(peerAddress(request(), environment)).toBe(address);
});

test('an unknown server shows none, and no header counts', () => {
  const headers = { 'cf-connecting-ip': '203.0.113.9', 'x-forwarded-for': '203.0.113.9' };
  for (const environment of [undefined, null, {}, { requestIP: () => null }, { incoming: {} }]) {
    expect(peerAddress(request(headers), environment)).toBeUndefined();
  }
});

test('in Cloudflare’s runtime its own header counts', () => {
  vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
  expect(peerAddress(request({ 'cf-connecting-ip': address }), {})).toBe(address);
  expect(peerAddress(request({ 'x-forwarded-for': address }), {})).toBeUndefined();
});
