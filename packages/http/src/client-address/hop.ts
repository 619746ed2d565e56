import { type Address, parseAddress } from './address.ts';

/** IPv4, or IPv6 in brackets, with an optional port. */
const nodeForm = /^(?:\[([\da-f:.]*:[\da-f:.]*)\]|([\d.]+))(?::(?:\d{1,5}|_[\w.-]+))?$/i;

/** Parses an entry of `X-Forwarded-For`. There is no standard; some proxies add the port. */
export const xForwardedForHop = (entry: string): Address | null =>
  nodeAddress(entry) ?? parseAddress(entry);

/** Parses the `for` of a `Forwarded` element (RFC 7239 § 4). Null if it is hidden or unknown. */
export const forwardedHop = (element: string): Address | null => {
  let found: string | undefined;
  for (const part of element.split(';')) {
    const [, name = '', token, quoted] = pairForm.exec(part) ?? [];
    if (name === '') return null;
    if (name.toLowerCase() !== 'for') continue;
    if (found !== undefined) return null;
    found = token ?? quoted ?? '';
  }
  return found === undefined ? null : nodeAddress(found);
};

/** A name and a value. Escaped quotes are not accepted: no address needs them. */
const pairForm = /^[ \t]*([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"([^"\\]*)")[ \t]*$/;

/** Parses a node identifier (RFC 7239 § 6). */
const nodeAddress = (node: string): Address | null => {
  const [, inBrackets, plain] = nodeForm.exec(node) ?? [];
  const text = inBrackets ?? plain;
  return text === undefined ? null : parseAddress(text);
};
