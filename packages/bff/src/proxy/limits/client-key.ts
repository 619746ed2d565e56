import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { nodeRequest } from '@pawl/http';
import type { ProxyOptions } from '../options.ts';

/** Networks from which a reverse proxy may connect. */
const local = new BlockList();
for (const [network, prefix] of [
  ['127.0.0.1', 32],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  local.addSubnet(network, prefix, 'ipv4');
}
local.addAddress('::1', 'ipv6');
local.addSubnet('fc00::', 7, 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');

const isLocal = (address: string): boolean =>
  local.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

const forwardingHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const;

/** Returns whose limit a request counts for; null if its client is unknown, so that none counts. */
export type ClientKey = (request: IncomingMessage) => string | null;

/**
 * Creates the function. Without the option `clientAddress`, a reverse proxy in front of this one
 * would look like one client: its requests are not counted, and `onUnknown` is called.
 */
export const createClientKey = (
  { clientAddress }: Pick<ProxyOptions, 'clientAddress'>,
  onUnknown: () => void,
): ClientKey => {
  let isReported = false;
  const report = (): null => {
    if (!isReported) onUnknown();
    isReported = true;
    return null;
  };
  return (request) => {
    if (clientAddress) {
      const known = clientAddress(nodeRequest(request));
      return known === undefined ? report() : networkOf(known);
    }
    const peer = request.socket.remoteAddress;
    if (peer === undefined) return report();
    const address = withoutMapping(peer);
    const isForwarded = forwardingHeaders.some((name) => request.headers[name] !== undefined);
    return isForwarded && isLocal(address) ? report() : networkOf(address);
  };
};

const withoutMapping = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** An IPv6 client can use every address of its /64. */
const networkOf = (address: string): string => {
  const plain = withoutMapping(address);
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = (plain.split('%', 1)[0] ?? '').split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) {
    const rest = tail.split(':').filter((group) => group !== '');
    // A dotted quad at the end counts as two groups.
    const length = rest.length + (rest.at(-1)?.includes('.') ? 1 : 0);
    while (groups.length < 8 - length) groups.push('0');
    groups.push(...rest);
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
};
