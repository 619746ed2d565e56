import { ConfigurationError } from '@pawl/core';
import type { Address } from '../client-address/address.ts';
import { networkOf } from '../client-address/trusted-proxies.ts';

/** The bucket of all clients without a known address. */
export const unknownClient = 'unknown';

/**
 * Creates the function that returns which bucket a client draws from: that of its IPv4 address, or
 * of its IPv6 network, because one client can use every address of its network. Clients without a
 * known address share one bucket.
 *
 * @param ipv6Prefix in bits
 * @throws ConfigurationError
 */
export const createClientKey = (ipv6Prefix: number = 64): ((client: Address | null) => string) => {
  if (!(Number.isInteger(ipv6Prefix) && ipv6Prefix >= 48 && ipv6Prefix <= 128)) {
    throw new ConfigurationError('rateLimits.ipv6Prefix', 'must be 48 to 128 bits');
  }
  return (client) => {
    if (!client) return unknownClient;
    return client.kind() === 'ipv4'
      ? client.toString()
      : `${networkOf(client, ipv6Prefix).toString()}/${ipv6Prefix}`;
  };
};
