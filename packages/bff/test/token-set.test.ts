import { generateSecret } from '@pawl/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createBffSettings } from '../src/create-settings.ts';
import type { BffOptions } from '../src/options.ts';
import { refreshOnce } from '../src/upstream/refresh-once.ts';
import { saveTokenSet } from '../src/upstream/save-token-set.ts';
import { createTokenSetReader } from '../src/upstream/token-set-reader.ts';
import {
  type Claims,
  clientSecret,
  type Data,
  type Service,
  secret,
  startService,
} from './service.ts';

let service: Service;
afterEach(() => service?.close());

const refreshes = (): number => service.provider.grants.get('refresh_token') ?? 0;

describe('tokens that a refresh obtained', () => {
  /** The parts of a node, to be called one by one. */
  const parts = () => {
    const settings = createBffSettings<Claims, Data>({
      issuer: service.provider.issuer,
      clientId: 'bff',
      clientSecret,
      origin: service.origin,
      store: service.store,
      secrets: [secret],
    });
    return { settings, reader: createTokenSetReader(settings) };
  };

  it('are never overwritten by older ones', async () => {
    service = await startService();
    const id = await service.login();
    const { settings, reader } = parts();
    const { tokenSet } = await reader.read(id);
    const save = (accessToken: string, tokenGeneration: number, fence: number) =>
      saveTokenSet(settings, id, {
        tokenSet: { ...tokenSet, accessToken },
        tokenGeneration,
        fence,
      });
    const holds = async () => {
      const read = await reader.read(id);
      return [read.tokenSet.accessToken, read.upstream.tokenGeneration];
    };
    expect(await save('one', 0, 7)).toBe(true);
    expect(await holds()).toEqual(['one', 1]);
    // Too late: the same generation was exchanged already, under the same or a newer lease.
    expect(await save('late', 0, 7)).toBe(false);
    expect(await save('late', 0, 3)).toBe(false);
    expect(await holds()).toEqual(['one', 1]);
    // Under a newer lease, which began after the write that it did not see.
    expect(await save('two', 0, 9)).toBe(true);
    expect(await holds()).toEqual(['two', 2]);
    // A store that lost its leases counts fences from the start, but the generation matches.
    expect(await save('three', 2, 1)).toBe(true);
    expect(await holds()).toEqual(['three', 3]);
  });

  it('are not requested again by a node that gets the lease late', async () => {
    service = await startService();
    const id = await service.login();
    const { settings, reader } = parts();
    const { tokenSet } = await reader.read(id);
    const late = await refreshOnce(settings, reader, id, 'a token before that');
    expect(late.accessToken).toBe(tokenSet.accessToken);
    expect(refreshes()).toBe(0);
  });

  it('are cached for their own session only', async () => {
    service = await startService();
    const [one, two] = [await service.login(), await service.login(service.open())];
    const { reader } = parts();
    const session = await service.bff.sessions.get(one);
    await reader.open(session);
    await expect(reader.open({ ...session, sessionId: two })).rejects.toMatchObject({
      code: 'ERR_STORE_RECORD',
    });
  });

  it('are written before they are used, even if the store is unavailable for a while', async () => {
    service = await startService();
    const id = await service.login();
    service.pass(3_600_000);
    service.breakStore((part, verb) => part === 'sessions' && verb === 'writeData');
    const token = service.bff.upstream.getUpstreamToken(id);
    let isReturned = false;
    void token.then(() => {
      isReturned = true;
    });
    while (refreshes() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isReturned).toBe(false);
    service.breakStore(null);
    const { accessToken } = await token;
    const other = service.node();
    expect(await other.upstream.getUpstreamToken(id)).toMatchObject({ accessToken });
    expect(refreshes()).toBe(1);
  });

  it('survive a write whose response was lost', async () => {
    service = await startService();
    const id = await service.login();
    service.pass(3_600_000);
    service.loseResponse('writeData');
    const { accessToken } = await service.bff.upstream.getUpstreamToken(id);
    expect(await service.node().upstream.getUpstreamToken(id)).toMatchObject({ accessToken });
    expect((await service.bff.sessions.get(id)).data.upstream.tokenGeneration).toBe(1);
    expect(service.types()).toContain('upstream.refreshed');
  });

  it('that are too long for a session end it, and are revoked', async () => {
    service = await startService();
    const id = await service.login();
    service.pass(3_600_000);
    const body = JSON.stringify({
      access_token: 'a'.repeat(16_000),
      token_type: 'bearer',
      refresh_token: 'b',
      expires_in: 60,
    });
    service.provider.trouble.push({ status: 200, body });
    await expect(service.bff.upstream.getUpstreamToken(id)).rejects.toMatchObject({
      reason: 'upstream_too_large',
    });
    await expect(service.bff.sessions.get(id)).rejects.toMatchObject({
      reason: 'upstream_too_large',
    });
    expect(service.provider.revocations()).toBe(1);
  });

  it.each([false, true])(
    'are sealed again after a rotation of the secrets (read by a guard: %s)',
    async (read) => {
      service = await startService({ dpop: true });
      const id = await service.login();
      const rolled = service.node({ secrets: [generateSecret(), secret] });
      const before = await service.bff.sessions.get(id);
      const request = read ? { auth: { session: before } } : {};
      const token = await rolled.upstream.getUpstreamToken(id, request);
      await rolled.close();
      const after = await service.bff.sessions.get(id);
      expect(after.data.upstream.sealed).not.toBe(before.data.upstream.sealed);
      expect({ ...after.data.upstream, sealed: '' }).toEqual({
        ...before.data.upstream,
        sealed: '',
      });
      const again = service.node({ secrets: [generateSecret(), secret] });
      await expect(again.upstream.getUpstreamToken(id)).rejects.toMatchObject({
        code: 'ERR_STORE_RECORD',
      });
      expect(token.accessToken).toBeTruthy();
    },
  );
});

describe('C4, BFF-01: what cannot be, fails at once and names', () => {
  it.each<[string, Partial<Record<keyof BffOptions<Claims, Data>, unknown>>]>([
    ['store', { store: undefined }],
    ['store', { store: { sessions: {}, singleUse: {} } }],
    ['secrets', { secrets: [] }],
    ['origin', { origin: undefined }],
    ['origin', { origin: 'http://app.example' }],
    ['clientSecret', { clientSecret: undefined }],
    ['clientSecret', { clientSecret: '' }],
    ['clientId', { clientId: '' }],
    ['issuer', { issuer: undefined }],
    ['issuer', { issuer: 'http://op.example' }],
    ['issuer', { issuer: 'op.example' }],
    ['scope', { scope: 'profile' }],
    ['failurePath', { failurePath: 'https://evil.example' }],
    ['postLogoutPath', { postLogoutPath: '//evil.example' }],
    ['requiredHeader', { requiredHeader: 'X BFF' }],
    ['cookies.sameSite', { sameSite: 'Never' }],
    ['cookies.name', { cookieName: '__Host-x' }],
    ['preset', { preset: 'strict' }],
    ['preset', { preset: 'lax' }],
    ['rotateAfter', { rotateAfter: 59_999 }],
    ['rotateAfter', { rotateAfter: Number.NaN }],
    ['refreshAhead', { refreshAhead: -1 }],
    ['leaseTtl', { leaseTtl: 10 }],
    ['maxWait', { maxWait: Number.NaN }],
    ['providerTimeout', { providerTimeout: 0 }],
    ['absoluteTimeout', { absoluteTimeout: -1 }],
  ])('%s: %o', (option, options) => {
    const good = {
      issuer: 'https://op.example',
      clientId: 'bff',
      clientSecret,
      origin: 'https://app.example',
      store: { sessions: {}, singleUse: {}, leases: {} },
      secrets: [secret],
    };
    const make = () => createBffSettings({ ...good, ...options } as BffOptions<Claims, Data>);
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION', option }));
    expect(() => createBffSettings(good as unknown as BffOptions<Claims, Data>)).not.toThrow();
  });

  it('plain http is for this machine, or for development that says so', () => {
    const make = (options: object): (() => unknown) => {
      const good = {
        issuer: 'https://op.example',
        clientId: 'bff',
        clientSecret,
        origin: 'https://app.example',
        store: { sessions: {}, singleUse: {}, leases: {} },
        secrets: [secret],
      };
      return () =>
        createBffSettings({ ...good, ...options } as unknown as BffOptions<Claims, Data>);
    };
    expect(make({ issuer: 'http://op.localhost:8080' })).not.toThrow();
    const lan = { issuer: 'http://keycloak:8080', origin: 'http://web:3000' };
    expect(make(lan)).toThrow('dangerouslyAllowPlainHttp');
    expect(make({ ...lan, dangerouslyAllowPlainHttp: true })).not.toThrow();
    const endpoints = { authorization: 'http://op:1/a', token: 'http://op:1/t' };
    const plain = { issuer: undefined, endpoints, user: () => ({ sub: 'a' }), scope: 'user' };
    expect(make(plain)).toThrow('dangerouslyAllowPlainHttp');
    expect(make({ ...plain, dangerouslyAllowPlainHttp: true })).not.toThrow();
  });
});
