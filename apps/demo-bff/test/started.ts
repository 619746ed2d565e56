import { freePort } from '@pawl/testkit/servers';
import { type RunningDemo, startDemo } from '../src/start.ts';

/** A demo whose BFF is listened to while it talks to the provider. */
export interface StartedDemo extends RunningDemo {
  /** Every access, refresh and ID token that the provider has handed out. */
  readonly tokens: Set<string>;
  /** The latest access token. */
  readonly accessToken: () => string;
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
  let accessToken = '';
  let refreshes = 0;
  const note = async (body: RequestInit['body'], response: Response): Promise<void> => {
    const answer = (await response.clone().json()) as TokenAnswer;
    accessToken = answer.access_token;
    for (const token of [answer.access_token, answer.refresh_token, answer.id_token]) {
      if (token !== undefined) tokens.add(token);
    }
    const asked = new URLSearchParams(await new Response(body ?? null).text());
    if (asked.get('grant_type') === 'refresh_token') refreshes++;
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
  return { ...demo, tokens, accessToken: () => accessToken, refreshes: () => refreshes };
};
