import { ConfigurationError } from '@pawl/core';
import ipaddr from 'ipaddr.js';
import { type Address, parseAddress } from './address.ts';

interface Range {
  readonly network: Address;
  /** In bits. */
  readonly prefix: number;
}

/** Creates the test for trusted proxies. @throws ConfigurationError, naming the invalid range */
export const trustedProxies = (ranges: readonly string[]): ((address: Address) => boolean) => {
  if (!Array.isArray(ranges)) throw new ConfigurationError('trustedProxies', 'must be a list');
  const trusted = ranges.map(parseRange);
  return (address) =>
    trusted.some(
      ({ network, prefix }) => network.kind() === address.kind() && address.match(network, prefix),
    );
};

const parseRange = (text: unknown): Range => {
  const fail = (problem: string): never => {
    throw new ConfigurationError('trustedProxies', `${JSON.stringify(text)} ${problem}`);
  };
  const [base = '', length, ...rest] = typeof text === 'string' ? text.split('/') : [];
  const network = parseAddress(base);
  if (!network || rest.length > 0) return fail('must be an address or a CIDR range');
  const bits = network.kind() === 'ipv4' ? 32 : 128;
  if (bits === 32 && base.includes(':')) return fail('must be written as IPv4');
  const prefix = length === undefined ? bits : Number(length);
  if (length !== undefined && !(/^(0|[1-9]\d*)$/.test(length) && prefix <= bits)) {
    return fail(`must have a prefix length of up to ${bits}`);
  }
  if (prefix === 0) return fail('trusts every client');
  if (networkOf(network, prefix).toString() !== network.toString()) {
    return fail('has bits after its prefix');
  }
  return { network, prefix };
};

/** Returns an address with all bits after the prefix cleared. */
export const networkOf = (address: Address, prefix: number): Address => {
  const cidr = `${address.toString()}/${prefix}`;
  return address.kind() === 'ipv4'
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr)
    : ipaddr.IPv6.networkAddressFromCIDR(cidr);
};
