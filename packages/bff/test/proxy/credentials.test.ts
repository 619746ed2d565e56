import { createSessions } from '@pawl/core';
import { createHttp, nodeRequest, sendNode } from '@pawl/http';
import { createDpop } from '@pawl/http/dpop';
import { createMemoryStore } from '@pawl/memory';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { describe, expect, test } from 'vitest';
import type { DpopKey, UpstreamToken } from '../../src/upstream/upstream-token.ts';
import { origin, type Setting, setUp, upstreamToken } from './setting.ts';

const secret = 'a root secret of quite enough random bytes: 9876543210';

/** Makes the API a resource server on Pawl, which demands DPoP proofs. */
const demandProofs = (setting: Setting, jkt: string, nonce: boolean) => {
  const store = createMemoryStore();
  let waited = 0;
  const clock = (): number => Date.now() + waited;
  const sessions = createSessions({ store, secrets: [secret], clock });
  const guard = createHttp({
    sessions,
    cookies: false,
    dpop: createDpop({
      store,
      origin: setting.upstream.url,
      algorithms: ['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'],
      clock,
      ...(nonce && { nonce: { secrets: [secret] } }),
    }),
  }).guard();
  setting.upstream.answer = async (request, response, seen) => {
    const outcome = await guard(nodeRequest(request));
    if (outcome.kind === 'refused') return sendNode(response, outcome.response);
    response.end(JSON.stringify({ user: outcome.kind, body: seen.body }));
  };
  return {
    token: async () => (await sessions.create({ userId: 'ann', jkt })).accessToken,
    wait: (ms: number) => {
      waited += ms;
    },
  };
};

const keyOf = async (alg = 'ES256'): Promise<{ key: DpopKey; jkt: string }> => {
  const key = await generateKeyPair(alg, { extractable: false });
  return { key, jkt: await calculateJwkThumbprint(await exportJWK(key.publicKey)) };
};

describe('C13, DP-13: DPoP', () => {
  test.each(['ES256', 'ES384', 'EdDSA', 'PS256', 'RS256'])(
    'a proof by %s for every request',
    async (alg) => {
      const { key, jkt } = await keyOf(alg);
      let accessToken = '';
      await using setting = await setUp({
        token: () => ({ accessToken, tokenType: 'DPoP', dpopKey: key, expiresAt: null }),
      });
      const api = demandProofs(setting, jkt, false);
      accessToken = await api.token();
      const { cookie } = await setting.logIn();
      for (let i = 0; i < 3; i++) {
        const answer = await setting.send('/api/notes?q=1', { headers: { cookie, dpop: 'a.b.c' } });
        expect(answer.statusCode).toBe(200);
        await answer.body.dump();
      }
      const proofs = setting.upstream.seen.map(({ headers }) => headers['dpop']);
      expect(new Set(proofs).size).toBe(3);
      expect(setting.upstream.seen[0]?.headers.authorization).toBe(`DPoP ${accessToken}`);
    },
  );

  test('a nonce that the API demands leads to one more attempt, and is remembered', async () => {
    const { key, jkt } = await keyOf();
    let accessToken = '';
    await using setting = await setUp({
      token: () => ({ accessToken, tokenType: 'DPoP', dpopKey: key, expiresAt: null }),
    });
    const api = demandProofs(setting, jkt, true);
    accessToken = await api.token();
    const [ann, bob] = [await setting.logIn('ann'), await setting.logIn('bob')];
    const post = async (cookie: string) => {
      const answer = await setting.send('/api', {
        method: 'POST',
        headers: { cookie, origin },
        body: 'hello',
      });
      expect(answer.headers['dpop-nonce']).toBeUndefined();
      return [answer.statusCode, await answer.body.json()];
    };
    const good = [200, { user: 'authenticated', body: 'hello' }];
    expect(await post(ann.cookie)).toStrictEqual(good);
    expect(setting.upstream.seen).toHaveLength(2);
    expect(await post(bob.cookie)).toStrictEqual(good);
    expect(setting.upstream.seen).toHaveLength(3);
    api.wait(180_000);
    expect(await post(bob.cookie)).toStrictEqual(good);
    expect(setting.upstream.seen).toHaveLength(5);
    expect(new Set(setting.upstream.seen.map(({ headers }) => headers['dpop'])).size).toBe(5);
    expect(setting.events).toStrictEqual([
      { at: expect.any(Number), type: 'upstream.refused', route: '/api', reason: 'nonce' },
      { at: expect.any(Number), type: 'upstream.refused', route: '/api', reason: 'nonce' },
    ]);
    // The token itself was never refused.
    expect(setting.asked.every(({ refused }) => refused === undefined)).toBe(true);
  });

  test('a body that cannot be sent again is 503, and the client’s next attempt succeeds', async () => {
    const { key, jkt } = await keyOf();
    let accessToken = '';
    await using setting = await setUp({
      token: () => ({ accessToken, tokenType: 'DPoP', dpopKey: key, expiresAt: null }),
    });
    accessToken = await demandProofs(setting, jkt, true).token();
    const { cookie } = await setting.logIn();
    const body = 'x'.repeat(100_000);
    const post = () => setting.send('/api', { method: 'POST', headers: { cookie, origin }, body });
    const first = await post();
    expect([first.statusCode, first.headers['retry-after']]).toStrictEqual([503, '1']);
    expect(await first.body.json()).toMatchObject({ error: 'retry' });
    const second = await post();
    expect(await second.body.json()).toMatchObject({ body });
  });

  test('an API that always demands a nonce gets two attempts', async () => {
    const { key } = await keyOf();
    await using setting = await setUp({
      token: () => ({ accessToken: 'a', tokenType: 'DPoP', dpopKey: key, expiresAt: null }),
    });
    setting.upstream.answer = (_, response) =>
      void response
        .writeHead(401, { 'dpop-nonce': 'n', 'www-authenticate': 'DPoP error="use_dpop_nonce"' })
        .end();
    const { cookie } = await setting.logIn();
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(401);
    expect(setting.upstream.seen).toHaveLength(2);
  });

  test('a DPoP token without its key is not sent as a bearer token', async () => {
    await using setting = await setUp({
      token: () => ({ accessToken: upstreamToken, tokenType: 'DPoP', expiresAt: null }),
    });
    const { cookie } = await setting.logIn();
    expect((await setting.send('/api', { headers: { cookie } })).statusCode).toBe(500);
    expect(setting.upstream.seen).toStrictEqual([]);
    expect(String(setting.thrown[0])).not.toContain(upstreamToken);
  });
});

describe('a token that the API refuses', () => {
  const tokens: UpstreamToken[] = ['old', 'new'].map((accessToken) => ({
    accessToken,
    tokenType: 'Bearer',
    expiresAt: null,
  }));
  const accept = (setting: Setting, good: string, challenge?: string): void => {
    setting.upstream.answer = (request, response, { body }) => {
      if (request.headers.authorization === `Bearer ${good}`) return void response.end(body);
      response.writeHead(401, challenge === undefined ? {} : { 'www-authenticate': challenge });
      response.end('no');
    };
  };
  const setUpTokens = () =>
    setUp({ token: (asking) => tokens[asking?.forceRefresh ? 1 : 0] as UpstreamToken });

  test.each([undefined, 'Bearer error="invalid_token", error_description="expired"'])(
    'is refreshed, once, and the request sent again: %s',
    async (challenge) => {
      await using setting = await setUpTokens();
      accept(setting, 'new', challenge);
      const { cookie, sessionId } = await setting.logIn();
      const answer = await setting.send('/api', {
        method: 'POST',
        headers: { cookie, origin },
        body: 'hello',
      });
      expect([answer.statusCode, await answer.body.text()]).toStrictEqual([200, 'hello']);
      expect(setting.asked).toStrictEqual([
        { sessionId, refused: undefined },
        { sessionId, refused: tokens[0] },
      ]);
    },
  );

  test('a second attempt that fails is a failure, whatever the first one returned', async () => {
    await using setting = await setUpTokens();
    setting.upstream.answer = ({ socket }, response) => {
      if (setting.upstream.seen.length > 1) socket.destroy();
      else response.writeHead(401).end();
    };
    const { cookie } = await setting.logIn();
    const answer = await setting.send('/api', { headers: { cookie } });
    expect(answer.statusCode).toBe(502);
    expect(setting.asked).toHaveLength(2);
    expect(setting.upstream.seen).toHaveLength(2);
  });

  test('a second refusal is sent to the client, without its challenge', async () => {
    await using setting = await setUpTokens();
    accept(setting, 'none of them');
    const { cookie } = await setting.logIn();
    const answer = await setting.send('/api', { headers: { cookie } });
    expect([answer.statusCode, await answer.body.text()]).toStrictEqual([401, 'no']);
    expect(setting.upstream.seen).toHaveLength(2);
  });

  test('an API that refuses every token is asked for one refresh, and its refusals are passed on', async () => {
    let passed = 0;
    await using setting = await setUp({
      clock: () => Date.now() + passed,
      token: (asking) => tokens[asking?.forceRefresh ? 1 : 0] as UpstreamToken,
    });
    accept(setting, 'none of them');
    const { cookie } = await setting.logIn();
    const asked = () => setting.asked.filter(({ refused }) => refused !== undefined).length;
    const get = async (options: object = {}): Promise<number> => {
      const answer = await setting.send('/api', { headers: { cookie, origin }, ...options });
      await answer.body.dump();
      return answer.statusCode;
    };
    const current = tokens[0];
    tokens[0] = tokens[1] as UpstreamToken;
    try {
      for (let time = 0; time < 10; time++) expect(await get()).toBe(401);
      // A body that cannot be sent again does not hide the refusal either.
      const body = 'x'.repeat(100_000);
      expect(await get({ method: 'POST', body })).toBe(401);
      expect(asked()).toBe(1);
      expect(setting.upstream.seen).toHaveLength(12);
      passed += 30_000;
      expect(await get()).toBe(401);
      expect(asked()).toBe(2);
    } finally {
      tokens[0] = current as UpstreamToken;
    }
  });

  test('a refusal for another reason causes no refresh', async () => {
    await using setting = await setUpTokens();
    accept(setting, 'new', 'Bearer error="insufficient_user_authentication"');
    const { cookie } = await setting.logIn();
    const answer = await setting.send('/api', { headers: { cookie } });
    expect([answer.statusCode, answer.headers['www-authenticate']]).toStrictEqual([401, undefined]);
    expect(setting.upstream.seen).toHaveLength(1);
  });

  test('a refusal with an endless body does not block its connection', async () => {
    await using setting = await setUpTokens();
    setting.upstream.answer = (request, response) => {
      if (request.headers.authorization === 'Bearer new') return void response.end('in');
      response.writeHead(401);
      const more = setInterval(() => response.write(Buffer.alloc(65_536)), 5);
      response.on('close', () => clearInterval(more));
    };
    const { cookie } = await setting.logIn();
    expect(await (await setting.send('/api', { headers: { cookie } })).body.text()).toBe('in');
  });

  test('a public route causes no refresh', async () => {
    await using setting = await setUp();
    setting.upstream.answer = (_, response) => void response.writeHead(401).end('no');
    expect((await setting.send('/open')).statusCode).toBe(401);
    expect(setting.upstream.seen).toHaveLength(1);
  });
});

test('BFF-02: no response, event or error of the proxy contains the token', async () => {
  await using setting = await setUp();
  const { cookie } = await setting.logIn();
  const seen: unknown[] = [];
  for (const answer of [
    () => {},
    ({ socket }: { socket: { destroy: () => unknown } }) => void socket.destroy(),
  ]) {
    setting.upstream.answer = answer as Setting['upstream']['answer'];
    const sent = await setting
      .send('/open', { headers: { cookie }, headersTimeout: 100 })
      .catch(String);
    seen.push(sent);
  }
  setting.upstream.answer = ({ socket }) => void socket.destroy();
  const failed = await setting.send('/api', { headers: { cookie } });
  seen.push(failed.headers, await failed.body.text(), setting.events, setting.thrown);
  expect(setting.upstream.seen.at(-1)?.headers.authorization).toContain(upstreamToken);
  expect(JSON.stringify(seen)).not.toContain(upstreamToken);
});
