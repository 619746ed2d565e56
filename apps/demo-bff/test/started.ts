import { freePort } from '@pawl/servers';
import { type RunningDemo, startDemo } from '../src/start.ts';

/** A demo whose BFF is listened to while it talks to the provider. */
export interface StartedDemo extends RunningDemo {
  /** Every access, refresh and ID token that the provider has handed out. */
  readonly tokens: Set<string>;
  /** The latest tokens. */
  readonly accessToken: () => string;
  readonly refreshToken: () => string;
  /** What the BFF says that it is, to the provider. */
  readonly client: () => { readonly client_id: string; readonly client_secret: string };
  /** How often the BFF got new tokens for a refresh token. */
  readonly refreshes: () => number;
}

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
}

/** @param accessTokenLifetime in s */
export const start = async (accessTokenLifetime = 10): Promise<StartedDemo> => {
  const tokens = new Set<string>();
  let latest: TokenAnswer = { access_token: '', refresh_token: '' };
  let client = { client_id: '', client_secret: '' };
  let refreshes = 0;
  const note = async (body: RequestInit['body'], response: Response): Promise<void> => {
    const answer = (await response.clone().json()) as TokenAnswer;
    latest = answer;
    for (const token of [answer.access_token, answer.refresh_token, answer.id_token]) {
      if (token !== undefined) tokens.add(token);
    }
    const asked = new URLSearchParams(await new Response(body ?? null).text());
    const { grant_type, client_id = '', client_secret = '' } = Object.fromEntries(asked);
    client = { client_id, client_secret };
    if (grant_type === 'refresh_token') refreshes++;
  };
  const [port, providerPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const demo = await startDemo(
    { port, providerPort, apiPort, accessTokenLifetime },
    {
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (new URL(url).pathname === '/token' && response.ok) await note(init?.body, response);
        return response;
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
  };
};
