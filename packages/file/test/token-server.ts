import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createSessions, type IssuedTokens, isPawlError } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { createTestClock, type TestClock } from '@pawl/testkit';
import type { TokenResponse } from '../src/login/token-response.ts';

export interface TokenServer extends AsyncDisposable {
  readonly url: string;
  readonly clock: TestClock;
  /** How often each event occurred. */
  readonly events: ReadonlyMap<string, number>;
  /** The number of requests. */
  readonly requests: () => number;
  /** Responds to every request with this status instead. */
  fail(status: number | null): void;
  logIn(): Promise<TokenResponse>;
  /** Throws unless the access token is valid. */
  verify(accessToken: string): Promise<unknown>;
  logOut(refreshToken: string): Promise<unknown>;
}

/** A server on Pawl: sessions in memory, and one route to refresh them. */
export const startTokenServer = async (): Promise<TokenServer> => {
  const clock = createTestClock();
  const events = new Map<string, number>();
  let requests = 0;
  let failure: number | null = null;
  const sessions = createSessions({
    store: createMemoryStore({ clock: clock.now }),
    secrets: ['the root secret of a server that only tests talk to'],
    clock: clock.now,
    accessTokenJitter: 0,
    onEvent: ({ type }) => events.set(type, (events.get(type) ?? 0) + 1),
  });
  const bodyOf = (tokens: IssuedTokens): TokenResponse => ({
    access_token: tokens.accessToken,
    refresh_token: tokens.refreshToken,
    expires_in: Math.floor((tokens.accessTokenExpiresAt - clock.now()) / 1_000),
  });
  const answer = async (body: string): Promise<[status: number, body: unknown]> => {
    requests++;
    if (failure !== null) return [failure, { error: 'out_of_order' }];
    try {
      const { refresh_token: token } = JSON.parse(body) as { refresh_token: string };
      return [200, bodyOf(await sessions.refresh(token))];
    } catch (error) {
      const isRetry = isPawlError(error) && error.code === 'ERR_REFRESH_RETRY';
      return [isRetry ? 409 : 401, { error: 'invalid_grant' }];
    }
  };
  const server = createServer((request, response) => {
    void text(request)
      .then(answer)
      .then(([status, body]) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/refresh`,
    clock,
    events,
    requests: () => requests,
    fail: (status) => {
      failure = status;
    },
    logIn: async () => bodyOf(await sessions.create({ userId: 'ada' })),
    verify: (accessToken) => sessions.verify(accessToken),
    logOut: (refreshToken) => sessions.revokeByToken(refreshToken),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};
