/**
 * Returns whether tokens may be sent to a URL: `https`, or `http` on this machine. A deployment in
 * development may allow `http` everywhere (`dangerouslyAllowPlainHttp`), for containers and a LAN.
 */
export const isSecureUrl = (
  { protocol, hostname }: Pick<URL, 'protocol' | 'hostname'>,
  allowPlainHttp = false,
): boolean =>
  protocol === 'https:' || (protocol === 'http:' && (allowPlainHttp || isLoopback(hostname)));

/**
 * Returns whether a host name can only mean this machine: `localhost`, `*.localhost`
 * (RFC 6761 § 6.3), 127.0.0.0/8 or `::1`. Pass `hostname` of a `URL`, which is normalized
 * (lower case, IPv4 in four decimal parts); brackets around an IPv6 address are accepted.
 */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  hostname === '::1' ||
  hostname === '[::1]' ||
  /^127(\.\d{1,3}){3}$/.test(hostname);
