import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/** A real authorization server on loopback, with rotating refresh tokens. */
export interface TestProvider {
  readonly issuer: string;
  /** Answered by the token endpoint: every access, refresh and ID token there ever was. */
  readonly secrets: Set<string>;
  /** How often each kind of grant succeeded. */
  readonly grants: Map<string, number>;
  /** How often a grant was refused. */
  readonly refused: () => number;
  /** What the token endpoint answers instead, once per entry. */
  readonly trouble: Trouble[];
  readonly discoveries: () => number;
  /** How many tokens it was told that nobody needs any more. */
  readonly revocations: () => number;
  close(): Promise<void>;
}

/** `late` answers properly after so many ms. */
export type Trouble =
  | { readonly status: number; readonly body: string; readonly type?: string }
  | { readonly late: number }
  | 'reset'
  /** Never answers. */
  | 'silence';

export interface ProviderSettings {
  /** Where the BFF is. */
  readonly origin: string;
  readonly dpop?: boolean;
  readonly requireNonce?: boolean;
  /** Default true. */
  readonly refreshTokens?: boolean;
  /** In s. */
  readonly accessTokenLifetime?: number;
}

const listening = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** One for all providers of a test file: making it takes half a second. */
const signingKey = generateKeyPair('RS256', { extractable: true })
  .then(({ privateKey }) => exportJWK(privateKey))
  .then((jwk) => ({ ...jwk, kty: 'RSA' as const, kid: 'one', alg: 'RS256', use: 'sig' as const }));

export const startProvider = async (settings: ProviderSettings): Promise<TestProvider> => {
  const { origin, dpop = false, refreshTokens = true, accessTokenLifetime = 3_600 } = settings;
  const server = createServer();
  const issuer = await listening(server);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'bff',
        client_secret: 'a client secret of the test',
        redirect_uris: [`${origin}/bff/callback`],
        post_logout_redirect_uris: [`${origin}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        backchannel_logout_uri: `${origin}/bff/backchannel-logout`,
        backchannel_logout_session_required: true,
        dpop_bound_access_tokens: dpop,
      },
    ],
    jwks: { keys: [await signingKey] },
    cookies: { keys: ['a cookie key of the test'] },
    // Its own would not call a BFF on loopback.
    fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as never),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => refreshTokens,
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    ttl: {
      AccessToken: accessTokenLifetime,
      Grant: 86_400,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: true },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      dPoP: {
        enabled: dpop,
        ...(dpop && { nonceSecret: Buffer.alloc(32, 7) }),
        requireNonce: () => settings.requireNonce ?? false,
      },
    },
  });
  const grants = new Map<string, number>();
  let refused = 0;
  let discoveries = 0;
  let revocations = 0;
  provider.on('grant.success', (ctx) => {
    const kind = String(ctx.oidc.params?.['grant_type']);
    grants.set(kind, (grants.get(kind) ?? 0) + 1);
  });
  provider.on('grant.error', (_, error) => {
    // A challenge for a nonce is no refusal.
    if (error.error === 'invalid_grant') refused += 1;
  });
  const trouble: Trouble[] = [];
  const secrets = new Set<string>();
  const handle = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.includes('/.well-known/')) discoveries += 1;
    if (request.url === '/token/revocation') revocations += 1;
    const isToken = request.url === '/token';
    const next = isToken ? trouble.shift() : undefined;
    if (isToken) rememberTokens(response, secrets);
    if (next === 'reset') {
      request.socket.destroy();
    } else if (next === 'silence') {
      request.resume();
    } else if (next && 'status' in next) {
      request.resume();
      response.writeHead(next.status, { 'content-type': next.type ?? 'application/json' });
      response.end(next.body);
    } else {
      setTimeout(() => void handle(request, response), next?.late ?? 0);
    }
  });
  return {
    issuer,
    secrets,
    grants,
    refused: () => refused,
    discoveries: () => discoveries,
    revocations: () => revocations,
    trouble,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};

/** Notes what the token endpoint hands out, for the scan of everything that a browser sees. */
const rememberTokens = (
  response: import('node:http').ServerResponse,
  secrets: Set<string>,
): void => {
  const end = response.end.bind(response) as (...args: unknown[]) => typeof response;
  response.end = ((...args: unknown[]) => {
    const [body] = args;
    if (typeof body === 'string' || body instanceof Uint8Array) {
      try {
        const answer = JSON.parse(Buffer.from(body as string).toString()) as Record<
          string,
          unknown
        >;
        for (const name of ['access_token', 'refresh_token', 'id_token']) {
          if (typeof answer[name] === 'string') secrets.add(answer[name]);
        }
      } catch {
        // Not JSON: a page.
      }
    }
    return end(...args);
  }) as typeof response.end;
};
