import { createMemoryStore } from '@pawl/memory';
import { expect, test } from 'vitest';
import { listen, secret, setUp } from './service.ts';

test('a limit in front of a login counts wrong passwords, and a right one once', async () => {
  const rateLimits = { store: createMemoryStore(), secrets: [secret] };
  const { app, pawl } = await setUp({ rateLimits, trustedProxies: ['127.0.0.1'] });
  app.post('/sign-in', pawl.rateLimit('login'), async (c) => {
    if (c.req.query('password') !== 'right') return c.json({ error: 'invalid_credentials' }, 401);
    return c.json((await pawl.login(c, { userId: 'ann' })).body);
  });
  app.route('/', pawl.routes());
  await using server = await listen(app);
  const signIn = async (password: string, client: string): Promise<[number, unknown, unknown]> => {
    const headers = { origin: 'http://localhost:8080', 'x-forwarded-for': client };
    const answer = await server.send('POST', `/sign-in?password=${password}`, headers);
    const { 'x-ratelimit-remaining': left, 'retry-after': wait } = answer.headers;
    return [answer.status, left, wait];
  };
  expect(await signIn('right', '203.0.113.7')).toEqual([200, '4', undefined]);
  for (const left of [3, 2, 1, 0]) {
    expect(await signIn('wrong', '203.0.113.7')).toEqual([401, `${left}`, undefined]);
  }
  expect(await signIn('right', '203.0.113.7')).toEqual([429, '0', '6']);
  expect(await signIn('right', '203.0.113.8')).toEqual([200, '4', undefined]);
  const session = await server.send('GET', '/auth/session');
  expect(session.headers).toMatchObject({
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '9',
  });
});
