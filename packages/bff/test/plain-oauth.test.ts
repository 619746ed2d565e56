import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryStore } from '@pawl/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bff, createBff } from '../src/bff.ts';
import type { BffOptions } from '../src/options.ts';
import { type Browser, openBrowser } from './browser.ts';
import { frameworks } from './frameworks/index.ts';
import { clientSecret, secret } from './service.ts';

type AnyRecord = Record<string, unknown>;
type Options = BffOptions<AnyRecord, AnyRecord>;

/** A token response, as the fake provider gives it. */
interface TokenAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
}

let closers: (() => Promise<unknown>)[];
let origin: string;
let provider: string;
let browser: Browser;
let bff: Bff<AnyRecord, AnyRecord>;
let events: string[];
/** The bodies that the token endpoint and the revocation endpoint received. */
let received: URLSearchParams[];
let revoked: URLSearchParams[];
let authorizations: URLSearchParams[];
let answers: TokenAnswer[];
let ahead: number;

const json = (body: object, status = 200): TokenAnswer => ({ status, body: JSON.stringify(body) });

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
};

const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
};

/** A provider as GitHub is one: three URLs, JSON, and nothing of OpenID Connect. */
const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', provider);
  if (url.pathname === '/authorize') {
    authorizations.push(url.searchParams);
    const back = new URL(url.searchParams.get('redirect_uri') ?? '');
    back.searchParams.set('code', 'a-code');
    back.searchParams.set('state', url.searchParams.get('state') ?? '');
    back.searchParams.set('iss', 'https://unknown.example');
    response.writeHead(302, { location: back.href }).end();
  } else if (url.pathname === '/token') {
    received.push(await readForm(request));
    const answer = answers.shift() ?? json({ access_token: 'gho_1', token_type: 'bearer' });
    const { status = 200, type = 'application/json; charset=utf-8', body } = answer;
    response.writeHead(status, { 'content-type': type }).end(body);
  } else if (url.pathname === '/revoke') {
    revoked.push(await readForm(request));
    response.end();
  } else if (url.pathname === '/user') {
    const isKnown = request.headers.authorization === 'Bearer gho_1';
    response.writeHead(isKnown ? 200 : 401).end(JSON.stringify({ id: 583_231, login: 'octocat' }));
  } else response.writeHead(404).end();
};

const user: NonNullable<Options['user']> = async ({ accessToken }) => {
  const response = await fetch(`${provider}/user`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  if (!response.ok) throw new Error(`the provider responded ${response.status}`);
  const { id, login } = (await response.json()) as { id: number; login: string };
  return { sub: String(id), login };
};

const optionsOf = (): Options => ({
  endpoints: {
    authorization: `${provider}/authorize`,
    token: `${provider}/token`,
    revocation: `${provider}/revoke`,
  },
  user,
  clientId: 'cli',
  clientSecret,
  origin,
  store: createMemoryStore(),
  secrets: [secret],
  clock: () => Date.now() + ahead,
  onEvent: ({ type }) => events.push(type),
});

const start = async (options: Partial<Options> = {}): Promise<void> => {
  const server = createServer();
  origin = `http://localhost:${await listen(server)}`;
  bff = createBff({ ...optionsOf(), ...options });
  closers.push(() => bff.close());
  const application = await frameworks.hono(bff as never);
  closers.push(() => application.close());
  server.on('request', application.listener);
  browser = openBrowser(origin);
};

beforeEach(async () => {
  closers = [];
  events = [];
  received = [];
  revoked = [];
  authorizations = [];
  answers = [];
  ahead = 0;
  const server = createServer((request, response) => void handle(request, response));
  provider = `http://127.0.0.1:${await listen(server)}`;
  origin = 'http://localhost:1';
});
afterEach(async () => {
  for (const close of closers.toReversed()) await close();
});

const logIn = (): Promise<{ url: string; status: number }> => browser.go(`${origin}/bff/login`);

describe('a provider of plain OAuth 2', () => {
  it('logs a user in, with PKCE and without what only OpenID Connect has', async () => {
    await start({ scope: 'read:user' });
    expect((await logIn()).url).toBe(`${origin}/`);
    const session = (await browser.call(`${origin}/bff/session`)).json();
    expect(session).toMatchObject({ authenticated: true, user_id: '583231' });
    expect(Object.keys(Object.fromEntries(authorizations[0] ?? []))).not.toContain('nonce');
    expect(Object.fromEntries(authorizations[0] ?? [])).toMatchObject({
      response_type: 'code',
      client_id: 'cli',
      scope: 'read:user',
      code_challenge_method: 'S256',
    });
    expect(Object.fromEntries(received[0] ?? [])).toMatchObject({
      grant_type: 'authorization_code',
      code: 'a-code',
      client_secret: clientSecret,
      code_verifier: expect.any(String),
    });
    const [{ sessionId } = { sessionId: '' }] = await bff.sessions.list('583231');
    const token = await bff.upstream.getUpstreamToken(sessionId);
    expect(token).toEqual({ accessToken: 'gho_1', tokenType: 'Bearer', expiresAt: null });
    const logout = await browser.call(`${origin}/bff/logout`, { method: 'POST' });
    expect(logout.status).toBe(204);
    expect(revoked[0]?.get('token')).toBe('gho_1');
  });

  it('requests no scope by default, and the hook sees the user', async () => {
    let seen: unknown;
    await start({
      hooks: {
        onLogin: (login) => {
          seen = login;
          return { claims: { login: login.user['login'] } };
        },
      },
    });
    await logIn();
    expect(authorizations[0]?.has('scope')).toBe(false);
    expect(seen).toEqual({
      userId: '583231',
      user: { sub: '583231', login: 'octocat' },
      idToken: null,
    });
    const [session] = await bff.sessions.list('583231');
    expect(session?.claims).toEqual({ login: 'octocat' });
    expect(session?.authTime).toBeGreaterThan(Date.now() - 60_000);
  });

  it.each([
    ['a form', { type: 'application/x-www-form-urlencoded', body: 'access_token=gho_1&scope=' }],
    ['no token type', json({ access_token: 'gho_1' })],
    ['nulls', json({ access_token: 'gho_1', token_type: 'bearer', refresh_token: null })],
    ['an ID token', json({ access_token: 'gho_1', token_type: 'Bearer', id_token: 'a.b.c' })],
  ])('may respond with %s', async (_, answer) => {
    await start();
    answers.push(answer);
    expect((await logIn()).url).toBe(`${origin}/`);
    expect(await bff.sessions.list('583231')).toHaveLength(1);
  });

  it.each([
    ['200 and an error, as GitHub', json({ error: 'bad_verification_code' })],
    ['400 and an error', json({ error: 'invalid_grant' }, 400)],
  ])('that refuses the code with %s leads back to the application', async (_, answer) => {
    await start();
    answers.push(answer);
    expect((await logIn()).url).toBe(`${origin}/?error=login_failed`);
    expect(await bff.sessions.list('583231')).toEqual([]);
  });

  it.each([
    [503, { status: 500, body: '' }],
    [503, json({ error: 'server_error' })],
  ])('that fails is %s', async (status, answer) => {
    await start();
    answers.push(answer);
    expect((await logIn()).status).toBe(status);
  });

  it('refreshes tokens that expire, and ends the session when it refuses', async () => {
    await start();
    const first = { access_token: 'gho_1', token_type: 'bearer', expires_in: 60 };
    answers.push(json({ ...first, refresh_token: 'r1', refresh_token_expires_in: 3_600 }));
    await logIn();
    const [session] = await bff.sessions.list('583231');
    expect(session?.absoluteExpiresAt).toBeLessThan(Date.now() + 3_601_000);
    answers.push(json({ access_token: 'gho_2', token_type: 'bearer', expires_in: 60 }));
    ahead += 60_000;
    const sessionId = session?.sessionId ?? '';
    expect((await bff.upstream.getUpstreamToken(sessionId)).accessToken).toBe('gho_2');
    expect(received[1]?.get('refresh_token')).toBe('r1');
    answers.push(json({ error: 'bad_refresh_token', error_description: 'expired' }));
    ahead += 60_000;
    await expect(bff.upstream.getUpstreamToken(sessionId)).rejects.toMatchObject({
      code: 'ERR_SESSION_REVOKED',
    });
  });

  it.each([
    ['throws', () => Promise.reject(new Error('CANARY'))],
    ['returns no id', async () => ({ login: 'octocat' })],
    ['returns a number', async () => ({ sub: 583_231 })],
  ])('whose user function %s creates no session, and keeps no tokens', async (_, broken) => {
    await start({ user: broken as never });
    expect((await logIn()).status).toBe(500);
    expect(await bff.sessions.list('583231')).toEqual([]);
    expect(revoked[0]?.get('token')).toBe('gho_1');
    expect(browser.seen.join('')).not.toMatch(/CANARY|gho_1/);
  });

  it('has no back channel, and compares iss if the issuer is known', async () => {
    await start({ issuer: 'https://known.example' });
    expect(bff.http.routes.map(({ name }) => name)).not.toContain('backchannel_logout');
    expect((await logIn()).url).toBe(`${origin}/?error=login_failed`);
    expect(received).toEqual([]);
  });

  it.each<[string, (options: Options) => object]>([
    ['user', () => ({ user: undefined })],
    ['user', () => ({ endpoints: undefined, issuer: 'https://op.example' })],
    ['issuer', () => ({ endpoints: undefined, user: undefined })],
    ['endpoints.token', ({ endpoints }) => ({ endpoints: { ...endpoints, token: undefined } })],
    ['endpoints.authorization', () => ({ endpoints: { authorization: 'http://a.example/x' } })],
    ['endpoints.revocation', ({ endpoints }) => ({ endpoints: { ...endpoints, revocation: 'x' } })],
    ['endpoints.tokens', ({ endpoints }) => ({ endpoints: { ...endpoints, tokens: 'x' } })],
    ['callbackPath', () => ({ callbackPath: '/here' })],
    ['hooks.onlogin', () => ({ hooks: { onlogin: () => ({}) } })],
    ['signingAlgorithm', () => ({ signingAlgorithm: 'ES256' })],
    ['dangerouslySendIdTokenHint', () => ({ dangerouslySendIdTokenHint: true })],
    ['clientSecret', () => ({ clientSecret: undefined })],
  ])('%s that does not fit is refused at construction', (option, change) => {
    const options = { ...optionsOf(), ...change(optionsOf()) };
    expect(() => createBff(options)).toThrow(expect.objectContaining({ option }));
  });
});
