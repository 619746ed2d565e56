import { createMemoryStore } from '@pawl/memory';
import { afterEach, describe, expect, it } from 'vitest';
import type { BffOptions } from '../src/options.ts';
import { exchange } from './exchange.ts';
import { type Claims, type Data, type Service, secret, startService } from './service.ts';

let service: Service;

describe('a login that', () => {
  afterEach(() => service.close());
  const failing = async (
    options: Partial<BffOptions<Claims, Data>>,
    settings: Parameters<typeof startService>[0] = {},
  ) => {
    service = await startService({ ...settings, options });
    return service.browser.go(`${service.origin}/bff/login`);
  };

  it('C7: is aborted by a hook leaves no session, no cookie, and no tokens at the provider', async () => {
    const visit = await failing({
      hooks: {
        onLogin: () => {
          throw new Error('CANARY: not this one');
        },
      },
    });
    expect(visit.status).toBe(500);
    expect(visit.text).not.toContain('CANARY');
    expect(await service.bff.sessions.list('ann')).toEqual([]);
    expect((await service.browser.jar.getCookies(service.origin)).map(({ key }) => key)).toEqual([
      expect.stringMatching(/^login-/),
    ]);
    expect(service.provider.revocations()).toBe(1);
  });

  it('C1, C7: is completed by a hook has claims, data and an organization', async () => {
    const visit = await failing({
      userIdOf: (sub) => `op|${sub}`,
      hooks: {
        onLogin: ({ userId, user, idToken }) => ({
          claims: { role: `${userId} ${user === idToken && user.sub}` },
          data: { theme: 'dark' },
          organizationId: 'acme',
        }),
      },
    });
    expect(visit.status).toBe(200);
    const { browser, origin } = service;
    expect((await browser.call(`${origin}/mine`)).json()).toEqual({
      user: 'op|ann',
      claims: { role: 'op|ann ann' },
      app: { theme: 'dark' },
    });
    expect((await browser.call(`${origin}/bff/session`)).json()).toMatchObject({
      organization_id: 'acme',
    });
  });

  it('fails redirects to failurePath, if it is set', async () => {
    service = await startService({ options: { failurePath: '/deep' } });
    const answer = await service.browser.visit(`${service.origin}/bff/callback?state=x&code=y`);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`${service.origin}/deep?error=login_failed`);
  });

  /** A provider whose token endpoint returns additional members. */
  const respondToErrors = (more: object): Partial<BffOptions<Claims, Data>> => ({
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      if (!url.endsWith('/token')) return response;
      return Response.json({ ...((await response.json()) as object), ...more });
    },
  });

  it('BFF-07: receives a refresh token for a minute creates a session for a minute', async () => {
    await failing(respondToErrors({ refresh_expires_in: 60 }));
    const [session] = await service.bff.sessions.list('ann');
    expect(session?.absoluteExpiresAt).toBeGreaterThan(Date.now() + 30_000);
    expect(session?.absoluteExpiresAt).toBeLessThan(Date.now() + 61_000);
  });

  it('receives tokens that are too long to store fails, and revokes them', async () => {
    const visit = await failing(respondToErrors({ access_token: 'x'.repeat(12_000) }));
    expect(visit.url).toBe(`${service.origin}/?error=login_failed`);
    expect(service.events).toContainEqual(
      expect.objectContaining({ type: 'login.failed', reason: 'input' }),
    );
    expect(await service.bff.sessions.list('ann')).toEqual([]);
    expect(service.provider.revocations()).toBe(1);
  });

  it('C11: comes too often is 429, but the back channel is not limited', async () => {
    const rateLimits = { store: createMemoryStore(), secrets: [secret] };
    service = await startService({ options: { rateLimits } });
    const { browser, origin } = service;
    const statuses = new Set<number>();
    for (let time = 0; time < 25; time++) {
      statuses.add((await browser.visit(`${origin}/bff/login`)).status);
      const post = { method: 'POST', headers: { 'content-type': 'text/plain' } };
      expect((await exchange(`${origin}/bff/backchannel-logout`, post)).status).toBe(400);
    }
    expect([...statuses]).toEqual([303, 429]);
  });

  it('cannot reach the provider is 503, and works once it can', async () => {
    let isDown = true;
    service = await startService({
      options: {
        fetch: async (url, init) => {
          if (isDown) throw new TypeError('fetch failed');
          return fetch(url, init);
        },
      },
    });
    const { browser, origin } = service;
    const answer = await browser.visit(`${origin}/bff/login`);
    expect(answer.status).toBe(503);
    expect(answer.json()).toMatchObject({ error: 'upstream_unavailable' });
    isDown = false;
    await service.login();
  });

  it('meets a failing token endpoint is 503', async () => {
    service = await startService();
    service.provider.trouble.push({ status: 500, body: '' });
    const visit = await service.browser.go(`${service.origin}/bff/login`);
    expect(visit.status).toBe(503);
    await service.login();
  });

  it('meets a failing store is 503', async () => {
    service = await startService();
    service.breakStore((part) => part === 'singleUse');
    expect((await service.browser.go(`${service.origin}/bff/login`)).status).toBe(503);
    service.breakStore((_, verb) => verb === 'create');
    const visit = await service.browser.go(`${service.origin}/bff/login`);
    expect(visit.status).toBe(503);
    expect(service.provider.revocations()).toBe(1);
  });
});
