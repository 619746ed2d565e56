import { ConfigurationError } from '@pawl/core';
import { type HttpRequest, headerLines } from '../request.ts';
import { type Address, parseAddress } from './address.ts';
import { forwardedHop, xForwardedForHop } from './hop.ts';
import { trustedProxies } from './trusted-proxies.ts';

/** Which proxies may say who their client is, and how they do. */
export interface ClientAddressOptions {
  /**
   * Addresses and CIDR ranges of the proxies in front of the service. Only what
   * they say is believed. Default: none, the client is the peer of the socket.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * The one header that the trusted proxies write: all others are ignored. With
   * `cf-connecting-ip`, Cloudflare's ranges belong in `trustedProxies`, and nothing
   * else that passes the header on. Default `x-forwarded-for`.
   */
  readonly forwardedHeader?: 'x-forwarded-for' | 'forwarded' | 'cf-connecting-ip' | undefined;
}

/** Who a request comes from; null where that is not to be known. */
export type ClientAddress = (request: HttpRequest) => Address | null;

/** How an entry of each header is read. */
const hops = {
  'x-forwarded-for': xForwardedForHop,
  forwarded: forwardedHop,
  'cf-connecting-ip': parseAddress,
} as const;

/** @throws ConfigurationError, naming the option. */
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
      throw new ConfigurationError('forwardedHeader', 'means nothing without trustedProxies');
    }
  }
  const name = header ?? 'x-forwarded-for';
  return (request) => {
    const peer = parseAddress(request.remoteAddress ?? '');
    // Before any header is looked at: whoever reaches the service directly can write one.
    if (!peer || !isTrusted(peer)) return peer;
    const entries = headerLines(request, name).join(',').split(',');
    // It names one address. Two were not both written by the proxy.
    if (name === 'cf-connecting-ip' && entries.length > 1) return peer;
    return nearestUntrusted(peer, entries, hops[name], isTrusted);
  };
};

/** In characters: no proxy has more to say. */
const maxEntryLength = 1_024;

/** Without optional white space (RFC 9110 § 5.6.3), which is less than `trim` takes away. */
const trim = (entry: string): string => entry.replace(/^[ \t]+|[ \t]+$/g, '');

/**
 * From right to left, as the proxies have appended: each is believed about its
 * own peer. The first that is no proxy of ours is the client; what stands left of it,
 * or of an entry that says nothing, anybody may have written.
 *
 * Splitting at every comma is right here, also for `Forwarded` with its quoted strings:
 * what a client has left open on the left cannot swallow what a proxy adds on the right.
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
