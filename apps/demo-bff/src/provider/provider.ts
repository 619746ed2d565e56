import { createServer } from 'node:http';
import { join } from 'node:path';
import { generateSecret } from '@pawl/core';
import { Provider } from 'oidc-provider';
import { bundle } from 'page-kit/bundle';
import { readIcon } from 'page-kit/icon';
import type { Config, Places } from '../config.ts';
import { listen } from '../listen.ts';
import { loginPage } from './login.ts';
import { afterLogout, errorNote, logoutForm, sendPage } from './pages.ts';
import { createSigningKey } from './signing-key.ts';

/** The BFF's credentials at the provider. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** In seconds. */
const day = 86_400;

/**
 * Starts an OpenID Connect provider with all data in memory. Refresh tokens rotate, tokens are
 * bound to keys (RFC 9449), and a logout notifies the BFF by the back channel.
 */
export const startProvider = async (
  config: Config,
  { origin, issuer, api }: Places,
  { clientId, clientSecret }: Client,
): Promise<AsyncDisposable> => {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        client_name: 'BFF demo',
        redirect_uris: [`${origin}/bff/callback`],
        post_logout_redirect_uris: [`${origin}/`],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        backchannel_logout_uri: `${origin}/bff/backchannel-logout`,
        backchannel_logout_session_required: true,
        dpop_bound_access_tokens: true,
      },
    ],
    jwks: { keys: [await createSigningKey()] },
    cookies: { keys: [generateSecret()] },
    // The default one refuses to call loopback addresses.
    fetch: (url, init) => fetch(url, { ...init, dispatcher: undefined } as never),
    pkce: { required: () => true },
    rotateRefreshToken: true,
    findAccount: async (_, sub) => ({ accountId: sub, claims: async () => ({ sub }) }),
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    ttl: {
      AccessToken: config.accessTokenLifetime,
      Grant: day,
      IdToken: 3_600,
      Interaction: 600,
      RefreshToken: day,
      Session: day,
    },
    // The default page loads a font from another origin.
    renderError: (ctx, { error, error_description }) =>
      sendPage(ctx, origin, 'That did not work.', errorNote(error, error_description)),
    features: {
      devInteractions: { enabled: false },
      revocation: {
        enabled: true,
        allowedPolicy: async (_, asking, token) => token.clientId === asking.clientId,
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) =>
          sendPage(ctx, origin, 'Sign out at the provider?', logoutForm(form)),
        postLogoutSuccessSource: (ctx) => sendPage(ctx, origin, 'You are signed out.', afterLogout),
      },
      dPoP: {
        enabled: true,
        nonceSecret: crypto.getRandomValues(Buffer.alloc(32)),
        requireNonce: () => true,
      },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: async () => true,
        getResourceServerInfo: async () => ({
          scope: '',
          audience: api,
          accessTokenTTL: config.accessTokenLifetime,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  const [css, icon] = await Promise.all([
    bundle(join(import.meta.dirname, 'provider.css')),
    readIcon(),
  ]);
  provider.use(async (ctx, next) => {
    if (ctx.path === '/provider.css') {
      ctx.type = 'css';
      ctx.body = css;
    } else if (ctx.path === '/icon.svg') {
      ctx.type = 'svg';
      ctx.body = icon;
    } else {
      await next();
    }
  });
  provider.use(loginPage(provider, origin, api));
  const handle = provider.callback();
  return listen(
    createServer((request, response) => void handle(request, response)),
    config.providerPort,
    'PROVIDER_PORT',
  );
};
