import type { IncomingMessage } from 'node:http';
import { nodeRequest } from '@pawl/http';
import type { Route } from '../route-table.ts';
import type { ProxySettings } from '../settings.ts';
import { requestHeaders } from './request-headers.ts';

/** Returns the headers of every attempt, without the credentials. */
export const commonHeaders = (
  { options, addressHeader }: ProxySettings,
  { headers: allowed }: Pick<Route, 'headers'>,
  request: IncomingMessage,
): string[] => {
  const headers = requestHeaders(request, allowed.request);
  if (addressHeader !== null) {
    const { clientAddress } = options;
    const address = clientAddress ? clientAddress(nodeRequest(request)) : peerAddress(request);
    if (address !== undefined) headers.push(addressHeader, address);
  }
  return headers;
};

/** An IPv4 address is written as one, also if the socket accepts both families. */
const peerAddress = ({ socket }: IncomingMessage): string | undefined => {
  const { remoteAddress } = socket;
  return remoteAddress?.startsWith('::')
    ? remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
    : remoteAddress;
};
