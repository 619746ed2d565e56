/** Headers that apply to one connection only, now or in older RFCs (RFC 9110 § 7.6.1). */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Returns the name as CGI compares it: in lower case, with `-` for `_`. */
export const canonicalName = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower;
};

const nothing: ReadonlySet<string> = new Set();

/** Returns the canonical names that a `Connection` header lists. */
export const namedByConnection = (
  connection: string | readonly string[] | undefined,
): ReadonlySet<string> => {
  if (connection === undefined) return nothing;
  if (connection === 'keep-alive' || connection === 'close') return nothing;
  const text = typeof connection === 'string' ? connection : connection.join(',');
  return new Set(text.split(',').map((name) => canonicalName(name.trim())));
};

/** Whether the header of this canonical name is hop-by-hop even if `Connection` does not list it. */
export const isHopByHop = (name: string): boolean => hopByHop.has(name);
