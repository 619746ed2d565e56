import type { IncomingMessage } from 'node:http';
import { expect, test, vi } from 'vitest';
import { createClientKey } from './client-key.ts';

const request = (remoteAddress: string | undefined, headers: object = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers, rawHeaders: [] }) as unknown as IncomingMessage;

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::9', '2001:db8:1:2'],
  ['2001:0db8::1', '2001:db8:0:0'],
  ['2001:db8::1:2:192.0.2.1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('%s counts as %s', (address, key) => {
  const report = vi.fn<() => void>();
  expect(createClientKey({}, report)(request(address))).toBe(key);
  expect(createClientKey({ clientAddress: () => address }, report)(request('10.0.0.1'))).toBe(key);
  expect(report).not.toHaveBeenCalled();
});

test.each(['127.0.0.1', '10.1.2.3', '::ffff:172.16.0.1', '::1', 'fd00::1'])(
  'a proxy at %s that the configuration does not know is not one client; it is reported once',
  (address) => {
    const report = vi.fn<() => void>();
    const keyOf = createClientKey({}, report);
    for (const name of ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via']) {
      expect(keyOf(request(address, { [name]: 'a' }))).toBeNull();
    }
    expect(report).toHaveBeenCalledOnce();
  },
);

test('nobody escapes by a header of a proxy, and a client without an address is not counted', () => {
  const report = vi.fn<() => void>();
  const keyOf = createClientKey({}, report);
  expect(keyOf(request('192.0.2.1', { 'x-forwarded-for': '10.0.0.1' }))).toBe('192.0.2.1');
  expect(report).not.toHaveBeenCalled();
  expect(keyOf(request(undefined))).toBeNull();
  expect(createClientKey({ clientAddress: () => undefined }, report)(request('::1'))).toBeNull();
  expect(report).toHaveBeenCalledTimes(2);
});
