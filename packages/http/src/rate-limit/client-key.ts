import { ConfigurationError } from '@pawl/core';
import type { Address } from '../client-address/address.ts';
import { networkOf } from '../client-address/trusted-proxies.ts';

/**
 * Whose bucket a request draws from: an IPv4 address, or an IPv6 network, because one
 * client has as many addresses as it likes in there. All of whom nothing is known share one.
 *
 * @throws ConfigurationError
 */
export const createClientKey = (ipv6Prefix: number = 64): ((client: Address | null) => string) => {
  if (!(Number.isInteger(ipv6Prefix) && ipv6Prefix >= 48 && ipv6Prefix <= 128)) {
    throw new ConfigurationError('rateLimits.ipv6Prefix', 'must be 48 to 128 bits');
  }
  return (client) => {
    if (!client) return 'unknown';
    return client.kind() === 'ipv4'
      ? client.toString()
      : `${networkOf(client, ipv6Prefix).toString()}/${ipv6Prefix}`;
  };
};
