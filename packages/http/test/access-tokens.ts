import { type AccessTokens, createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import type { BlocklistStore } from '@pawl/core/store';
import { createHttp, type Http } from '../src/http.ts';
import type { LoginResponse } from '../src/login.ts';
import type { HttpOptions } from '../src/options.ts';
import type { Refusal } from '../src/response.ts';
import { type Claims, origin, request, routed, type Send, secret } from './fixture.ts';
import { createMemoryStore } from './memory-store.ts';

export interface TokenSetting {
  readonly http: Http<Claims, unknown>;
  readonly accessTokens: AccessTokens<Claims>;
  readonly blocklist: BlocklistStore;
  /** Whether the blocklist fails, and how often it was called. */
  readonly store: { down: boolean; calls: number };
  readonly wait: (ms: number) => void;
  readonly send: Send;
  readonly login: (
    options?: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<LoginResponse | Refusal>;
}

/** A service without sessions; `checked`: with a blocklist. */
export const setUpTokens = (
  { checked = false }: { checked?: boolean } = {},
  options: Partial<HttpOptions<Claims, unknown>> = {},
): TokenSetting => {
  let now = 1_700_000_000_000;
  const clock = (): number => now;
  const memory = createMemoryStore({ clock }).blocklist;
  const store = { down: false, calls: 0 };
  const called = <T>(call: () => Promise<T>): Promise<T> => {
    store.calls += 1;
    return store.down ? Promise.reject(new Error('connect ECONNREFUSED')) : call();
  };
  const blocklist: BlocklistStore = {
    isRevoked: (ids) => called(() => memory.isRevoked(ids)),
    revoke: (id, expiresAt) => called(() => memory.revoke(id, expiresAt)),
    deleteExpired: () => memory.deleteExpired(),
  };
  const accessTokens = createAccessTokens<Claims>({
    format: jwtAccessTokens({ issuer: 'https://a.example', audience: 'a', clockTolerance: 0 }),
    secrets: [secret],
    clock,
    ...(checked && { blocklist: { blocklist } }),
  });
  const http = createHttp<Claims, unknown>({
    accessTokens,
    ...(checked && { blocklist: { blocklist } }),
    origin,
    clock,
    ...options,
  });
  return {
    http,
    accessTokens,
    blocklist,
    store,
    wait: (ms) => {
      now += ms;
    },
    send: routed(http.routes),
    login: (session = {}, headers = { origin }) =>
      http.login(request('POST', '/login', headers), { userId: 'ann', ...session }),
  };
};
