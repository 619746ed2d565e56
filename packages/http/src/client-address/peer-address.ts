/** What servers on the Fetch standard show of the peer: each has its own place. */
interface ServerEnvironment {
  /** `@hono/node-server`. */
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
  /** `Deno.serve`. */
  readonly remoteAddr?: { readonly hostname?: string };
  /** `Bun.serve`, which is the environment itself or its `server`. */
  readonly requestIP?: (request: Request) => { readonly address: string } | null;
  readonly server?: {
    readonly requestIP?: (request: Request) => { readonly address: string } | null;
  };
  /** AWS Lambda, behind a function URL or an API gateway. */
  readonly requestContext?: {
    readonly http?: { readonly sourceIp?: string };
    readonly identity?: { readonly sourceIp?: string };
  };
}

/**
 * Returns the address of the peer of a request of the Fetch standard, from what its server has passed
 * on beside it, or undefined if it is unknown. Of headers, only `CF-Connecting-IP` counts, and only in
 * Cloudflare's runtime, which sets it itself.
 *
 * @param environment the second argument of the server's handler; in Hono `c.env`
 */
export const peerAddress = (request: Request, environment: unknown): string | undefined => {
  if (isCloudflare()) return request.headers.get('cf-connecting-ip') ?? undefined;
  const env = (environment ?? {}) as ServerEnvironment;
  return (
    env.incoming?.socket?.remoteAddress ??
    env.remoteAddr?.hostname ??
    addressFrom(env, request) ??
    (env.server && addressFrom(env.server, request)) ??
    env.requestContext?.http?.sourceIp ??
    env.requestContext?.identity?.sourceIp
  );
};

const addressFrom = (
  server: Pick<ServerEnvironment, 'requestIP'>,
  request: Request,
): string | undefined =>
  typeof server.requestIP === 'function' ? server.requestIP(request)?.address : undefined;

const isCloudflare = (): boolean =>
  (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent ===
  'Cloudflare-Workers';
