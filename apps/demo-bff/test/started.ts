import { freePort } from '@pawl/servers';
import { type RunningDemo, startDemo } from '../src/start.ts';

/** A demo that records what its BFF receives from the provider. */
export interface StartedDemo extends RunningDemo {
  /** Every access, refresh and ID token that the provider has issued. */
  readonly tokens: Set<string>;
  /** The latest tokens. */
  readonly accessToken: () => string;
  readonly refreshToken: () => string;
  /** The credentials that the BFF sends to the provider. */
  readonly client: () => { readonly client_id: string; readonly client_secret: string };
  /** How often the BFF exchanged a refresh token. */
  readonly refreshes: () => number;
  /** How often the BFF rotated its session cookie. */
  readonly rotations: () => number;
  /** Advances the clock of the BFF, in ms. */
  readonly pass: (ms: number) => void;
}

interface TokenResponse {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
}

/** @param accessTokenLifetime in seconds */
export const start = async (accessTokenLifetime = 10): Promise<StartedDemo> => {
  const tokens = new Set<string>();
  let latest: TokenResponse = { access_token: '', refresh_token: '' };
  let client = { client_id: '', client_secret: '' };
  let refreshes = 0;
  let rotations = 0;
  let ahead = 0;
  const record = async (body: RequestInit['body'], response: Response): Promise<void> => {
    const received = (await response.clone().json()) as TokenResponse;
    latest = received;
    for (const token of [received.access_token, received.refresh_token, received.id_token]) {
      if (token !== undefined) tokens.add(token);
    }
    const sent = new URLSearchParams(await new Response(body ?? null).text());
    const { grant_type, client_id = '', client_secret = '' } = Object.fromEntries(sent);
    client = { client_id, client_secret };
    if (grant_type === 'refresh_token') refreshes++;
  };
  const [port, providerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const demo = await startDemo(
    { port, providerPort, apiPort, accessTokenLifetime },
    {
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (new URL(url).pathname === '/token' && response.ok) await record(init?.body, response);
        return response;
      },
      clock: () => Date.now() + ahead,
      onEvent: ({ type }) => {
        if (type === 'session.rotated') rotations++;
      },
    },
  );
  return {
    ...demo,
    tokens,
    accessToken: () => latest.access_token,
    refreshToken: () => latest.refresh_token,
    client: () => client,
    refreshes: () => refreshes,
    rotations: () => rotations,
    pass: (ms) => {
      ahead += ms;
    },
  };
};
