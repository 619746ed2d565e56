import { describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { ann, config, origin, start } from '../harness/demo.ts';

describe.for(frameworks.map((framework) => ({ framework })))('in $framework', ({ framework }) => {
  test('a program receives its tokens in the body, and needs no origin', async () => {
    await using service = await start({ framework });
    const { send } = service;
    const registered = await send('POST', '/register', { ...ann, deliver: 'body' });
    expect(registered.status).toBe(201);
    expect(registered.headers.getSetCookie()).toEqual([]);
    expect(registered.headers.get('cache-control')).toBe('no-store');
    const authorization = `Bearer ${String(registered.body['access_token'])}`;
    expect(await send('GET', '/content', undefined, { authorization })).toMatchObject({
      status: 200,
    });
    const refreshed = await send('POST', '/refresh', {
      refresh_token: registered.body['refresh_token'],
    });
    expect(refreshed).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
  });

  test('a request with a refused origin registers and logs in no user', async () => {
    await using service = await start({ framework });
    for (const headers of [{ origin: 'null' }, { origin: 'https://evil.example' }]) {
      expect(await service.send('POST', '/register', ann, headers)).toMatchObject({ status: 403 });
    }
    expect(await service.visitor().send('POST', '/login', ann)).toMatchObject({ status: 401 });
  });

  test('a program, which sends no origin, registers and logs in', async () => {
    await using service = await start({ framework });
    expect(await service.send('POST', '/register', ann)).toMatchObject({ status: 201 });
    expect(await service.send('POST', '/login', ann)).toMatchObject({ status: 200 });
  });

  test('S3: CORS for one configured origin, with credentials', async () => {
    await using service = await start({ framework });
    const from = (site: string) =>
      service.send('OPTIONS', '/content', undefined, {
        origin: site,
        'access-control-request-method': 'DELETE',
      });
    const allowed = await from('http://localhost:3000');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
    expect(allowed.headers.get('access-control-allow-credentials')).toBe('true');
    expect(allowed.headers.get('access-control-allow-methods')).toContain('DELETE');
    const other = await from('https://evil.example');
    expect(other.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
    // A front end can read refusals, too.
    const refused = await service.send('GET', '/content', undefined, {
      origin: 'http://localhost:3000',
    });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
  });

  test('an invalid body is 400, 413 or 415, and is not quoted', async () => {
    await using service = await start({ framework });
    const { send } = service;
    for (const body of [
      null,
      [],
      {},
      { username: 'ann' },
      { ...ann, password: 'CANARY' },
      { ...ann, username: ' ' },
      { ...ann, username: 'a\u0000b' },
    ]) {
      const answer = await send('POST', '/register', body, { origin });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      expect(JSON.stringify(answer.body)).not.toContain('CANARY');
    }
    const short = await send('POST', '/register', { ...ann, password: 'short' }, { origin });
    expect(short.body['message']).toBe('not valid: password (at least 8 characters)');
    const text = { origin, 'content-type': 'text/plain' };
    expect(await send('POST', '/login', ann, text)).toMatchObject({ status: 415 });
    const broken = await fetch(`http://127.0.0.1:${service.demo.port}/login`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: '{"username": CANARY',
    });
    expect(broken.status).toBe(400);
    expect(await broken.text()).toMatch(/^\{"error":"invalid_request","message":"[^C]*"\}$/);
    const long = { ...ann, username: 'x'.repeat(20_000) };
    expect(await send('POST', '/login', long, { origin })).toMatchObject({
      status: 413,
      body: { error: 'payload_too_large' },
    });
    expect(await send('GET', '/nowhere')).toMatchObject({
      status: 404,
      body: { error: 'not_found' },
    });
  });

  test('a URL that cannot be parsed is 400 or 404, and is not quoted', async () => {
    await using service = await start({ framework });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const answer = await page.send('DELETE', '/api-keys/%zzCANARY');
    expect(answer).toMatchObject({
      status: expect.toSatisfy((status: number) => [400, 404].includes(status)),
      body: { error: expect.stringMatching(/^(invalid_request|not_found)$/) },
    });
    expect(JSON.stringify(answer.body)).not.toContain('CANARY');
  });

  test('a logout with an empty JSON body is accepted', async () => {
    await using service = await start({ framework });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const cookie = await page.jar.getCookieString(`${origin}/logout`);
    const headers = { origin, cookie, 'content-type': 'application/json' };
    expect(await service.send('POST', '/logout', undefined, headers)).toMatchObject({
      status: 200,
    });
    expect(await page.send('GET', '/content')).toMatchObject({ status: 401 });
    expect(await service.send('POST', '/login', undefined, headers)).toMatchObject({ status: 400 });
  });

  test('B10, SE-07: the log has request ids and session refs, and no secret', async () => {
    const service = await start({ framework });
    const page = service.visitor();
    const { headers } = await page.send('POST', '/register', ann);
    const secrets = [ann.password, config.secret ?? ''];
    const remember = async (): Promise<void> => {
      for (const name of ['access_token', 'refresh_token']) {
        secrets.push((await page.cookie(name)) ?? '');
      }
    };
    await remember();
    await page.send('POST', '/refresh');
    await remember();
    const { body } = await page.send('GET', '/sessions');
    const { id } = (body as unknown as { id: string }[])[0] ?? { id: '' };
    secrets.push(id);
    await page.send('GET', '/content');
    await page.send('POST', '/login', { ...ann, password: 'CANARY' });
    await page.send('DELETE', `/sessions/${id}`);
    secrets.push('CANARY');
    await service[Symbol.asyncDispose]();
    const lines = service.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const created = lines.find(({ event }) => event === 'session.created');
    expect(created?.['requestId']).toBe(headers.get('x-request-id'));
    expect(lines.some(({ route }) => route === '/sessions/:id')).toBe(true);
    expect(lines.filter(({ sessionRef }) => sessionRef !== undefined).length).toBeGreaterThan(2);
    for (const secret of secrets) {
      expect(secret).not.toBe('');
      expect(service.lines.join('')).not.toContain(secret);
    }
  });

  test('a bug is a 500 without details, and is logged', async () => {
    await using service = await start({ framework });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    service.storage.users.byId = () => Promise.reject(new TypeError('CANARY'));
    const answer = await page.send('GET', '/content');
    expect(answer).toMatchObject({ status: 500, body: { error: 'internal_error' } });
    expect(JSON.stringify(answer.body)).not.toContain('CANARY');
    expect(service.lines.join('')).toContain('TypeError');
  });

  test('HEAD of the events opens no stream', async () => {
    await using service = await start({ framework });
    const page = service.visitor();
    await page.send('POST', '/register', ann);
    const cookie = await page.jar.getCookieString(`${origin}/events`);
    const url = `http://127.0.0.1:${service.demo.port}/events`;
    const head = await fetch(url, { method: 'HEAD', headers: { cookie } });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
  });

  test('stop: requests in progress are finished, new ones are not accepted, streams end', async () => {
    const service = await start({ framework });
    const page = service.visitor();
    await page.send('POST', '/register', { ...ann, username: 'bob' });
    const cookie = await page.jar.getCookieString(`${origin}/events`);
    const url = `http://127.0.0.1:${service.demo.port}/events`;
    const events = await fetch(url, { headers: { cookie } });
    expect(events.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const pending = service.visitor().send('POST', '/register', ann);
    await new Promise((resolve) => setTimeout(resolve, 10));
    const stopped = service[Symbol.asyncDispose]();
    expect(await pending).toMatchObject({ status: 201 });
    expect(await events.text()).toMatch(/event: end\ndata: \{\}\n\n$/);
    await stopped;
    await expect(service.send('GET', '/health')).rejects.toThrow('fetch failed');
  });
});
