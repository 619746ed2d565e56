import { ConfigurationError } from '@pawl/core';
import { type HttpRequest, headerLines } from '../request.ts';
import { type Address, parseAddress } from './address.ts';
import { forwardedHop, xForwardedForHop } from './hop.ts';
import { trustedProxies } from './trusted-proxies.ts';

/** Options for finding the client's address behind proxies. */
export interface ClientAddressOptions {
  /**
   * Addresses and CIDR ranges of the proxies in front of the service. Only their header is
   * believed. Default none: the client is the peer of the socket.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * The header that the trusted proxies write. All others are ignored. With `cf-connecting-ip`, put
   * Cloudflare's ranges into `trustedProxies`, and no proxy that passes the header on unchanged.
   * Default `x-forwarded-for`.
   */
  readonly forwardedHeader?: 'x-forwarded-for' | 'forwarded' | 'cf-connecting-ip' | undefined;
}

/** Returns the client's address of a request; null if it is unknown. */
export type ClientAddress = (request: HttpRequest) => Address | null;

/** How an entry of each header is parsed. */
const hops = {
  'x-forwarded-for': xForwardedForHop,
  forwarded: forwardedHop,
  'cf-connecting-ip': parseAddress,
} as const;

/** Creates the function that finds the client's address. @throws ConfigurationError */
export const createClientAddress = ({
  trustedProxies: ranges = [],
  forwardedHeader: header,
}: ClientAddressOptions): ClientAddress => {
  const isTrusted = trustedProxies(ranges);
  if (header !== undefined) {
    if (!Object.hasOwn(hops, header)) {
      throw new ConfigurationError('forwardedHeader', `must be ${Object.keys(hops).join(' or ')}`);
    }
    if (ranges.length === 0) {
      throw new ConfigurationError('forwardedHeader', 'requires trustedProxies');
    }
  }
  const name = header ?? 'x-forwarded-for';
  return (request) => {
    const peer = parseAddress(request.remoteAddress ?? '');
    // Before any header is read: a client that reaches the service directly can write one.
    if (!peer || !isTrusted(peer)) return peer;
    const entries = headerLines(request, name).join(',').split(',');
    // The proxy writes one address. If there are two, the client has added one.
    if (name === 'cf-connecting-ip' && entries.length > 1) return peer;
    return nearestUntrusted(peer, entries, hops[name], isTrusted);
  };
};

/** In characters: no proxy writes a longer entry. */
const maxEntryLength = 1_024;

/** Removes optional white space (RFC 9110 § 5.6.3), which is less than `String.trim` removes. */
const trim = (entry: string): string => entry.replace(/^[ \t]+|[ \t]+$/g, '');

/**
 * Reads the entries from right to left, as the proxies appended them: each proxy is believed about
 * its own peer. The first address that is not a trusted proxy is the client. Entries to the left of
 * it, or of an entry that cannot be read, may be forged.
 *
 * Splitting at every comma is correct even for `Forwarded` with its quoted strings: a quote that a
 * client leaves open on the left cannot swallow what a proxy appends on the right.
 */
const nearestUntrusted = (
  peer: Address,
  entries: readonly string[],
  read: (entry: string) => Address | null,
  isTrusted: (address: Address) => boolean,
): Address => {
  let client = peer;
  for (const entry of entries.toReversed()) {
    const address = entry.length <= maxEntryLength ? read(trim(entry)) : null;
    if (!address) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
};
