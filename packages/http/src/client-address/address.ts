import ipaddr from 'ipaddr.js';

/** An IP address; IPv4-mapped IPv6 becomes IPv4. `toString` is its canonical form. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * Parses an address. Returns null if it is invalid. It is strict, because a text that two parsers
 * read as different addresses bypasses both: four decimal numbers without leading zeros, or IPv6
 * (RFC 4291 § 2.2) without a zone.
 */
export const parseAddress = (text: string): Address | null => {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const groups = groupsOf(text);
  if (groups === null || !ipaddr.IPv6.isValid(groups)) return null;
  const address = ipaddr.IPv6.parse(groups);
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
};

/** Rewrites a dotted end as hexadecimal groups: the library accepts invalid ones. */
const groupsOf = (text: string): string | null => {
  const [, head = '', dotted] = /^([\da-f:]*:)([\d.]+\.[\d.]+)$/i.exec(text) ?? [];
  if (dotted === undefined) return /^[\da-f:]+$/i.test(text) ? text : null;
  if (!ipaddr.IPv4.isValidFourPartDecimal(dotted)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(dotted).octets;
  return `${head}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};
