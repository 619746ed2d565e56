import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/** A real OpenID Connect provider on loopback, with rotating refresh tokens. */
export interface TestProvider {
  readonly issuer: string;
  /** Every access, refresh and ID token that the token endpoint has issued. */
  readonly secrets: Set<string>;
  /** The number of successful grants, by type. */
  readonly grants: Map<string, number>;
  /** The number of refused grants. */
  readonly refused: () => number;
  /** What the token endpoint does instead of responding normally, once per entry. */
  readonly trouble: Trouble[];
  readonly discoveries: () => number;
  /** The number of revoked tokens. */
  readonly revocations: () => number;
  close(): Promise<void>;
}

/** `late`: responds normally after this many ms. */
export type Trouble =
  | { readonly status: number; readonly body: string; readonly type?: string }
  | { readonly late: number }
  | 'reset'
  /** Never responds. */
  | 'silence';

export interface ProviderSettings {
  /** The origin of the BFF. */
  readonly origin: string;
  readonly dpop?: boolean;
  readonly requireNonce?: boolean;
  /** Default true. */
  readonly refreshTokens?: boolean;
  /** In seconds. */
  readonly accessTokenLifetime?: number;
}

const listening = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** One key for all providers of a test file: generating it takes half a second. */
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
    // The default one does not call loopback addresses.
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
    // A challenge for a nonce does not count as a refusal.
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

/** Records the issued tokens, to search for them in everything that the browser receives. */
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
