/** Headers that are for one connection only (RFC 9110 § 7.6.1), and those that once were. */
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

/** A header's name as CGI and its like see it: without case, and `_` for `-` or the reverse. */
export const canonicalName = (name: string): string => {
  const lower = name.toLowerCase();
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower;
};

const nothing: ReadonlySet<string> = new Set();

/** What a `Connection` header names beside the usual, in canonical form. */
export const namedByConnection = (
  connection: string | readonly string[] | undefined,
): ReadonlySet<string> => {
  if (connection === undefined) return nothing;
  if (connection === 'keep-alive' || connection === 'close') return nothing;
  const text = typeof connection === 'string' ? connection : connection.join(',');
  return new Set(text.split(',').map((name) => canonicalName(name.trim())));
};

/** Whether a header, by its canonical name, ends here whatever `Connection` says. */
export const isHopByHop = (name: string): boolean => hopByHop.has(name);
