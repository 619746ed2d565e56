import { describe, expect, it } from 'vitest';
import { codeOf, deploy, errorOf, jwt, minute, type Options } from '../deployment.ts';

const formats: readonly (readonly [string, Options])[] = [
  ['opaque', {}],
  ['HS256', jwt()],
];

describe.each(formats)('data and claims with %s access tokens', (_, options) => {
  it('come back as they were written', async () => {
    const sessions = deploy().node(options);
    const claims = { role: 'reader', rights: ['a', { b: null }], constructor: 1, prototype: 2 };
    const data = { cart: [{ id: 5 }], note: '👩‍👩‍👧', empty: '' };
    const { sessionId, accessToken } = await sessions.create({ userId: 'ann', claims, data });
    expect(await sessions.get(sessionId)).toMatchObject({ claims, data });
    expect((await sessions.verify(accessToken)).claims).toEqual(claims);
    const updated = await sessions.update(sessionId, ({ data: before }) => ({
      data: { ...before, empty: 'no more' },
    }));
    expect(updated).toMatchObject({ claims, data: { ...data, empty: 'no more' } });
    expect(await sessions.get(sessionId)).toEqual(updated);
  });

  it('new claims are in the next access token', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann', claims: { role: 'reader' } });
    await sessions.update(first.sessionId, () => ({ claims: { role: 'writer' } }));
    pass(minute);
    const next = await sessions.refresh(first.refreshToken);
    expect((await sessions.verify(next.accessToken)).claims).toEqual({ role: 'writer' });
  });

  it('SE-09: keep names like __proto__ without effect', async () => {
    const sessions = deploy().node(options);
    const data = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}') as object;
    const { sessionId } = await sessions.create({ userId: 'ann', data: { ...data } });
    const read = await sessions.get(sessionId);
    expect(JSON.stringify(read.data)).toBe(JSON.stringify(data));
    expect(read.data['admin']).toBeUndefined();
    const again = await sessions.update(sessionId, (session) => ({ data: session.data }));
    expect(JSON.stringify(again.data)).toBe(JSON.stringify(data));
  });

  it('SE-09: claims inherit no names', async () => {
    const sessions = deploy().node(options);
    const { accessToken } = await sessions.create({ userId: 'ann' });
    const { claims } = await sessions.verify(accessToken);
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(claims[name]).toBeUndefined();
    }
  });

  it('lose none of 20 concurrent writes', async () => {
    const { node } = deploy();
    const [a, b] = [node(options), node(options)];
    const { sessionId } = await a.create({
      userId: 'ann',
      data: { count: 0 },
    });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? a : b).update(sessionId, ({ data }) => ({
          data: { count: (data['count'] as number) + 1 },
        })),
      ),
    );
    expect((await a.get(sessionId)).data).toEqual({ count: 20 });
  });

  it('a writer that always loses gets a conflict, and writes nothing', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const { sessionId } = await one.create({ userId: 'ann', data: { a: 1 } });
    const found = await sessions.part.find(sessionId);
    sessions.replies.set('writeData', () => ({ kind: 'conflict', ...found }));
    const calls = await sessions.costOf(async () => {
      const call = one.update(sessionId, () => ({ data: { a: 2 } }));
      expect(await codeOf(call)).toBe('ERR_SESSION_CONFLICT');
    });
    expect(calls.filter((verb) => verb === 'writeData')).toHaveLength(20);
  });

  it('are refused before they are written if no access token could carry the claims', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const deep = (levels: number): Record<string, unknown> =>
      levels === 0 ? {} : { a: deep(levels - 1) };
    const proto = JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    const first = await sessions.create({ userId: 'ann', claims: { role: 'reader' } });
    for (const claims of [proto, deep(40)]) {
      const call = sessions.update(first.sessionId, () => ({ claims }));
      expect(await codeOf(call)).toBe('ERR_INPUT_INVALID');
    }
    pass(2 * minute);
    const next = await sessions.refresh(first.refreshToken);
    expect((await sessions.verify(next.accessToken)).claims).toEqual({ role: 'reader' });
  });

  it('an invalid update is refused, and nothing is written', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const { sessionId } = await one.create({ userId: 'ann', data: { a: 1 } });
    const calls = await sessions.costOf(async () => {
      for (const odd of [undefined, null, 5, 'text', Promise.resolve({ data: { a: 2 } })]) {
        const error = await errorOf(one.update(sessionId, () => odd as never));
        expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: 'change' });
      }
      for (const [update, argument] of [
        [{ data: 5 }, 'data'],
        [{ data: [] }, 'data'],
        [{ claims: 'text' }, 'claims'],
        [{ claims: { sub: 'bob' } }, 'claims.sub'],
        [{ data: { big: 'x'.repeat(20_000) } }, 'data'],
      ] as const) {
        const error = await errorOf(one.update(sessionId, () => update as never));
        expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument });
      }
      const failure = new Error('a bug');
      const thrower = (): never => {
        throw failure;
      };
      expect(await errorOf(one.update(sessionId, thrower))).toBe(failure);
    });
    expect(new Set(calls)).toStrictEqual(new Set(['find']));
    expect((await one.get(sessionId)).data).toEqual({ a: 1 });
  });

  it('I6: a write moves no lifetime and no token', async () => {
    const { node, store, pass } = deploy();
    const sessions = node(options);
    const { sessionId } = await sessions.create({ userId: 'ann' });
    const before = (await store.sessions.find(sessionId))?.record;
    pass(minute);
    await sessions.update(sessionId, () => ({ data: { a: 1 }, claims: { b: 2 } }));
    expect((await store.sessions.find(sessionId))?.record).toStrictEqual({
      ...before,
      data: '{"a":1}',
      claims: '{"b":2}',
      dataVersion: 1,
      dataCallIds: expect.any(Uint8Array),
    });
  });
});

describe('claims that are too large for a JWT', () => {
  it('are refused before they are written, and the session goes on', async () => {
    const { node, pass } = deploy();
    const sessions = node(jwt());
    const first = await sessions.create({ userId: 'ann', claims: { role: 'reader' } });
    const claims = { wide: '本'.repeat(2_000) };
    expect(await codeOf(sessions.create({ userId: 'ann', claims }))).toBe('ERR_INPUT_INVALID');
    const call = sessions.update(first.sessionId, () => ({ claims }));
    expect(await codeOf(call)).toBe('ERR_INPUT_INVALID');
    pass(2 * minute);
    const next = await sessions.refresh(first.refreshToken);
    expect((await sessions.verify(next.accessToken)).claims).toEqual({ role: 'reader' });
  });
});
