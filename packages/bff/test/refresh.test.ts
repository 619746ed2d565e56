import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DpopKey, UpstreamToken } from '../src/upstream/upstream-token.ts';
import type { Trouble } from './provider.ts';
import { type Service, startService } from './service.ts';

/** In ms. */
const lifetime = 3_600_000;
/** In ms: until the token is due, but still valid. */
const untilDue = lifetime - 30_000;

let service: Service;
let sessionId: string;

const begin = async (settings: Parameters<typeof startService>[0] = {}): Promise<void> => {
  service = await startService(settings);
  sessionId = await service.login();
};

const get = (forceRefresh?: UpstreamToken): Promise<UpstreamToken> =>
  service.bff.upstream.getUpstreamToken(sessionId, forceRefresh && { forceRefresh });

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? 'another error',
  );

const refreshes = (): number => service.provider.grants.get('refresh_token') ?? 0;

afterEach(() => service.close());

describe('an upstream token', () => {
  beforeEach(() => begin());

  it('is that of the login while it is fresh', async () => {
    const token = await get();
    expect(token).toMatchObject({ tokenType: 'Bearer' });
    expect(token.expiresAt).toBeGreaterThan(Date.now() + lifetime - 60_000);
    expect(await get()).toEqual(token);
    expect(refreshes()).toBe(0);
  });

  it('is refreshed once, however many tabs and nodes request it when it has expired', async () => {
    const first = await get();
    service.pass(lifetime);
    const nodes = [service.bff, service.node(), service.node(), service.node()];
    const tokens = await Promise.all(
      nodes.flatMap(({ upstream }) =>
        Array.from({ length: 50 }, () => upstream.getUpstreamToken(sessionId)),
      ),
    );
    expect(refreshes()).toBe(1);
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1);
    expect(tokens[0]?.accessToken).not.toBe(first.accessToken);
    expect(service.types().filter((type) => type === 'upstream.refreshed')).toHaveLength(1);
  });

  it('C14: is refreshed before it expires, once', async () => {
    service.pass(untilDue);
    await Promise.all(Array.from({ length: 50 }, () => get()));
    expect(refreshes()).toBe(1);
    expect((await get()).expiresAt).toBeGreaterThan(Date.now() + lifetime + untilDue - 60_000);
    expect(refreshes()).toBe(1);
  });

  it('that an API refused is refreshed once, and not again for a late request', async () => {
    const refused = await get();
    const tokens = await Promise.all(Array.from({ length: 50 }, () => get(refused)));
    const late = await get(refused);
    expect(refreshes()).toBe(1);
    for (const { accessToken } of [...tokens, late]) {
      expect(accessToken).toBe(late.accessToken);
      expect(accessToken).not.toBe(refused.accessToken);
    }
    // An API that refuses every token does not cause a refresh per request.
    for (let time = 0; time < 20; time++)
      expect((await get(late)).accessToken).toBe(late.accessToken);
    expect(
      await service.node().upstream.getUpstreamToken(sessionId, { forceRefresh: late }),
    ).toEqual(late);
    expect(refreshes()).toBe(1);
    service.pass(30_000);
    await get(late);
    expect(refreshes()).toBe(2);
  });

  it('that lives for no time at all is not refreshed at every request', async () => {
    service.pass(lifetime);
    for (let time = 0; time < 20; time++) {
      const tokens = { access_token: `token ${time}`, token_type: 'bearer', expires_in: 0 };
      service.provider.trouble.push({ status: 200, body: JSON.stringify(tokens) });
    }
    for (let time = 0; time < 10; time++) await get();
    expect(service.provider.trouble.length).toBe(19);
  });

  it('that has expired is not requested at every request while the provider fails', async () => {
    service.pass(lifetime);
    for (let time = 0; time < 20; time++) service.provider.trouble.push({ status: 500, body: '' });
    for (let time = 0; time < 20; time++) {
      expect(await codeOf(get())).toBe('ERR_UPSTREAM_UNAVAILABLE');
    }
    expect(service.provider.trouble.length).toBe(17);
  });

  it('is refreshed again and again', async () => {
    const seen = new Set<string>();
    for (let round = 0; round < 5; round++) {
      seen.add((await get()).accessToken);
      service.pass(lifetime);
    }
    expect(seen.size).toBe(5);
    expect((await service.bff.sessions.get(sessionId)).data.upstream.tokenGeneration).toBe(4);
  });

  it('of a session that has ended is an error', async () => {
    await service.bff.sessions.revoke(sessionId);
    expect(await codeOf(get())).toBe('ERR_SESSION_REVOKED');
    expect(await codeOf(service.bff.upstream.getUpstreamToken('a'.repeat(24)))).toBe(
      'ERR_SESSION_NOT_FOUND',
    );
  });
});

const troubles: [string, Trouble, string][] = [
  [
    'an error of its own',
    { status: 500, body: '{"error":"server_error"}' },
    'OAUTH_RESPONSE_IS_NOT_CONFORM',
  ],
  ['a page', { status: 502, body: '<html>', type: 'text/html' }, 'failed'],
  ['nothing at all', { status: 200, body: '' }, 'OAUTH_PARSE_ERROR'],
  ['an empty object', { status: 200, body: '{}' }, 'OAUTH_INVALID_RESPONSE'],
  [
    'an empty token',
    { status: 200, body: '{"access_token":"","token_type":"bearer","refresh_token":""}' },
    'OAUTH_INVALID_RESPONSE',
  ],
  [
    'a token of another type',
    { status: 200, body: '{"access_token":"CANARY","token_type":"dpop","refresh_token":"CANARY"}' },
    'token_type',
  ],
  [
    'a refusal of the client',
    { status: 401, body: '{"error":"invalid_client"}' },
    'invalid_client',
  ],
  ['a refusal of all requests', { status: 429, body: '{"error":"slow_down"}' }, 'slow_down'],
  ['a broken connection', 'reset', 'failed'],
];

describe('a provider that responds with', () => {
  beforeEach(() => begin());

  it.each(troubles)('%s: a valid token is still used', async (_, trouble, reason) => {
    const before = await get();
    service.pass(untilDue);
    service.provider.trouble.push(trouble);
    expect(await get()).toEqual(before);
    expect(service.events).toContainEqual(
      expect.objectContaining({ type: 'upstream.failed', during: 'refresh' }),
    );
    expect(JSON.stringify(service.events)).toContain(reason);
    expect(JSON.stringify(service.events)).not.toContain('CANARY');
    // The provider is not asked at every request now.
    expect(await get()).toEqual(before);
    expect(service.types().filter((type) => type === 'upstream.failed')).toHaveLength(1);
    service.pass(lifetime);
    expect((await get()).accessToken).not.toBe(before.accessToken);
    expect(refreshes()).toBe(1);
  });

  it.each(troubles)('%s: an expired token is 503, and not a logout', async (_, trouble) => {
    service.pass(lifetime);
    service.provider.trouble.push(trouble);
    expect(await codeOf(get())).toBe('ERR_UPSTREAM_UNAVAILABLE');
    const { browser, origin } = service;
    expect((await browser.call(`${origin}/bff/session`)).json()).toMatchObject({
      authenticated: true,
    });
    await get();
    expect(refreshes()).toBe(1);
  });

  it('C14: no new refresh token, or an empty one: the old one is kept', async () => {
    for (const more of [{}, { refresh_token: '' }]) {
      service.pass(lifetime);
      const body = JSON.stringify({
        access_token: 'x',
        token_type: 'bearer',
        expires_in: 60,
        ...more,
      });
      service.provider.trouble.push({ status: 200, body });
      await get().catch(() => {});
      expect((await service.bff.sessions.get(sessionId)).data.upstream.renewable).toBe(true);
    }
    service.pass(lifetime);
    expect((await get()).accessToken).not.toBe('x');
    expect(refreshes()).toBe(1);
  });

  it('C14: a late response: a valid token is used meanwhile', async () => {
    const before = await get();
    service.pass(untilDue);
    service.provider.trouble.push({ late: 800 });
    expect(await get()).toEqual(before);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await get()).accessToken).not.toBe(before.accessToken);
    expect(refreshes()).toBe(1);
  });

  it('a late response: requests with an expired token wait for it', async () => {
    service.pass(lifetime);
    service.provider.trouble.push({ late: 800 });
    await Promise.all(Array.from({ length: 20 }, () => get()));
    expect(refreshes()).toBe(1);
  });

  it('C14: invalid_grant: the session ends', async () => {
    service.pass(untilDue);
    service.provider.trouble.push({ status: 400, body: '{"error":"invalid_grant"}' });
    expect(await codeOf(get())).toBe('ERR_SESSION_REVOKED');
    const { browser, origin } = service;
    const session = await browser.call(`${origin}/bff/session`);
    expect(session.json()).toEqual({ authenticated: false });
    expect(session.headers.getSetCookie()[0]).toMatch(/^session=; Max-Age=0; Path=\//);
    expect((await browser.call(`${origin}/mine`)).status).toBe(401);
  });
});

describe('a provider that', () => {
  it('times out is asked again later', async () => {
    await begin({ options: { providerTimeout: 300, maxWait: 1_000 } });
    service.pass(lifetime);
    service.provider.trouble.push({ status: 200, body: '' });
    expect(await codeOf(get())).toBe('ERR_UPSTREAM_UNAVAILABLE');
    await get();
  });

  it('is slow keeps a request waiting no longer than maxWait', async () => {
    await begin({ options: { maxWait: 200 } });
    service.pass(lifetime);
    service.provider.trouble.push({ late: 700 });
    expect(await codeOf(get())).toBe('ERR_UPSTREAM_UNAVAILABLE');
    await new Promise((resolve) => setTimeout(resolve, 800));
    await get();
    expect(refreshes()).toBe(1);
  });

  it('issues no refresh token: the session ends with the access token', async () => {
    await begin({ refreshTokens: false });
    const { browser, origin } = service;
    expect((await browser.call(`${origin}/bff/refresh`, { method: 'POST' })).status).toBe(501);
    const token = await get();
    expect(await get(token)).toEqual(token);
    service.pass(lifetime);
    expect(await codeOf(get())).toBe('ERR_SESSION_EXPIRED');
    expect((await browser.call(`${origin}/mine`)).status).toBe(401);
  });

  it('C14: demands DPoP proofs gets them from one key, which stays the same', async () => {
    await begin({ dpop: true, requireNonce: true });
    const before = await get();
    expect(before.tokenType).toBe('DPoP');
    service.pass(lifetime);
    const after = await service.node().upstream.getUpstreamToken(sessionId);
    expect(after.accessToken).not.toBe(before.accessToken);
    const raw = (key: DpopKey['publicKey'] | undefined) => exportJWK(key as DpopKey['publicKey']);
    expect(await raw(after.dpopKey?.publicKey)).toEqual(await raw(before.dpopKey?.publicKey));
    expect(refreshes()).toBe(1);
  });
});

it('no refresh happens under a lease that has expired before it could be used', async () => {
  await begin({ options: { leaseTtl: 300, maxWait: 1_000 } });
  service.pass(lifetime);
  // Every response of the store takes longer than the lease lasts.
  service.hold(() => pause(200));
  expect(await codeOf(get())).toBe('ERR_UPSTREAM_UNAVAILABLE');
  service.hold(null);
  expect(refreshes()).toBe(0);
  await get();
  expect(refreshes()).toBe(1);
});

describe('with the session that a guard has just read', () => {
  beforeEach(() => begin());

  const read = async () => ({ session: await service.bff.sessions.get(sessionId) });

  it('a fresh token is returned without reading the store again', async () => {
    const token = await get();
    const auth = await read();
    service.breakStore(() => true);
    expect(await service.bff.upstream.getUpstreamToken(sessionId, { auth })).toEqual(token);
    const codes = [{}, { forceRefresh: token, auth }, { auth: { session: null } }].map((request) =>
      codeOf(service.bff.upstream.getUpstreamToken(sessionId, request)),
    );
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['ERR_STORE_UNAVAILABLE']));
  });

  it('a token that is due is refreshed before it expires', async () => {
    const auth = await read();
    service.pass(untilDue);
    await service.bff.upstream.getUpstreamToken(sessionId, { auth });
    expect(refreshes()).toBe(1);
  });

  it('an expired token is not returned, and not refreshed twice', async () => {
    const auth = await read();
    service.pass(lifetime);
    const { upstream } = service.bff;
    const token = await upstream.getUpstreamToken(sessionId, { auth });
    expect(await upstream.getUpstreamToken(sessionId, { auth })).toEqual(token);
    expect(token).toEqual(await get());
    expect(refreshes()).toBe(1);
  });

  it('the session of another user is ignored', async () => {
    const other = await service.login(service.open('eve'));
    const auth = { session: await service.bff.sessions.get(other) };
    const token = await service.bff.upstream.getUpstreamToken(sessionId, { auth });
    expect(token).toEqual(await get());
  });
});
