import type { SessionStore } from '@pawl/core/store';
import {
  dataWriteInput,
  elevationInput,
  newSession,
  newUserId,
  revokeAllInput,
  revokeInput,
  rotationInput,
} from '@pawl/testkit';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { createRedisStore, type RedisStore } from '../src/store.ts';

const clients: Redis[] = [];
afterAll(() => {
  for (const client of clients) client.disconnect();
});

const prefix = 'pending:';

const connect = (): Redis => {
  const client = new Redis(inject('redis').standalone);
  clients.push(client);
  return client;
};

const store = createRedisStore(connect(), { prefix });
const { sessions } = store;

/** Creates sessions of one user, oldest first. */
const createMany = async (userId: string, count: number): Promise<string[]> => {
  const all = Array.from({ length: count }, () => newSession({ userId }));
  for (let i = 0; i < count; i += 50) {
    await Promise.all(all.slice(i, i + 50).map((session) => sessions.create(session)));
  }
  return all.map(({ sessionId }) => sessionId);
};

/** A store whose process dies after a number of scripts: it never gets their replies. */
const dyingAfter = async (scripts: number): Promise<RedisStore> => {
  const client = connect();
  let left = Number.POSITIVE_INFINITY;
  const dying = new Proxy(client, {
    get: (target, name) => {
      const own = Reflect.get(target, name) as unknown;
      if (name !== 'evalshaBuffer' && name !== 'evalBuffer') {
        return typeof own === 'function' ? (own.bind(target) as unknown) : own;
      }
      return async (...args: unknown[]) => {
        if (left-- <= 0) throw new Error('the process has died');
        return Reflect.apply(own as () => unknown, target, args) as unknown;
      };
    },
  });
  const opened = createRedisStore(dying, { prefix, revocationMemory: 0 });
  await opened.check();
  left = scripts;
  return opened;
};

/** Ends all sessions of a user in a process that dies right after the first write. */
const revokeAllAndDie = async (userId: string): Promise<void> => {
  // So that the scripts are loaded.
  await sessions.revokeAll(revokeAllInput(newUserId()));
  const call = (await dyingAfter(1)).sessions.revokeAll(revokeAllInput(userId, 'password_changed'));
  await expect(call).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
};

describe('a process that dies while it ends very many sessions', () => {
  const calls: [string, (sessions: SessionStore, id: string) => Promise<unknown>, unknown][] = [
    ['find', (s, id) => s.find(id), { record: { revokedReason: 'password_changed' } }],
    [
      'find with activity',
      (s, id) => s.find(id, { generation: 0, interval: 0 }),
      { record: { revokedReason: 'password_changed', confirmed: false } },
    ],
    ['rotate', (s, id) => s.rotate(rotationInput(id, 0)), { kind: 'revoked' }],
    ['elevate', (s, id) => s.elevate(elevationInput(id, 0)), { kind: 'revoked' }],
    ['writeData', (s, id) => s.writeData(dataWriteInput(id, 0)), { kind: 'revoked' }],
    ['revoke', (s, id) => s.revoke(revokeInput(id, 'logout')), 'already_revoked'],
  ];

  it('has ended all of them, whatever is asked first', async () => {
    const userId = newUserId();
    const ids = await createMany(userId, 260);
    await revokeAllAndDie(userId);
    for (const [i, [name, call, expected]] of calls.entries()) {
      for (const id of [ids[i], ids.at(-1 - i)] as string[]) {
        const outcome = { name, of: await call(sessions, id) };
        expect(outcome).toMatchObject({ name, of: expected });
      }
    }
    await sessions.touch(ids[100] as string, 0);
    expect((await sessions.find(ids[100] as string))?.record).toMatchObject({
      revokedReason: 'password_changed',
      confirmed: false,
    });
  });

  it('leaves an empty list, and a place for a login under a limit', async () => {
    const userId = newUserId();
    await createMany(userId, 260);
    await revokeAllAndDie(userId);
    expect((await sessions.list(userId)).records).toEqual([]);
    const session = newSession({ userId });
    const outcome = await sessions.create(session, { max: 1, policy: 'refuse' });
    expect(outcome).toMatchObject({ kind: 'created', evicted: [] });
    expect((await sessions.list(userId)).records).toMatchObject([{ sessionId: session.sessionId }]);
  });

  it('is finished by others, and nothing of it stays behind', async () => {
    const userId = newUserId();
    const ids = await createMany(userId, 460);
    await revokeAllAndDie(userId);
    for (let i = 0; i < 12; i++) await sessions.create(newSession({ userId }));
    const client = connect();
    expect(await client.keys(`${prefix}p{${ids[0]?.slice(0, 2)}}*`)).toEqual([]);
    expect((await sessions.list(userId)).records).toHaveLength(12);
    for (const id of ids) {
      expect((await sessions.find(id))?.record.revokedReason).toBe('password_changed');
    }
  });

  it('does not end a login of the same millisecond', async () => {
    const userId = newUserId();
    await createMany(userId, 260);
    await revokeAllAndDie(userId);
    const later = Array.from({ length: 5 }, () => newSession({ userId }));
    await Promise.all(later.map((session) => sessions.create(session)));
    for (const { sessionId } of later) {
      expect((await sessions.find(sessionId))?.record.revokedAt).toBeNull();
    }
    expect((await sessions.list(userId)).records).toHaveLength(5);
  });

  it('does not end a login after the clock of the server was set back', async () => {
    const userId = newUserId();
    const ids = await createMany(userId, 260);
    const client = connect();
    const [index] = await client.keys(`${prefix}u{${ids[0]?.slice(0, 2)}}*`);
    // The last session was created while the clock was a minute ahead.
    await client.zadd(index as string, Date.now() + 60_000, ids.at(-1)?.slice(2) as string);
    await revokeAllAndDie(userId);
    const later = newSession({ userId });
    await sessions.create(later);
    expect((await sessions.find(later.sessionId))?.record.revokedAt).toBeNull();
    expect((await sessions.list(userId)).records).toMatchObject([{ sessionId: later.sessionId }]);
  });

  it('has evicted what was over the limit', async () => {
    const userId = newUserId();
    const ids = await createMany(userId, 260);
    const { records } = await sessions.list(userId, { limit: 2 });
    const newest = records.map(({ sessionId }) => sessionId);
    const session = newSession({ userId });
    const call = (await dyingAfter(1)).sessions.create(session, { max: 3, policy: 'evict_oldest' });
    await expect(call).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    const live = (await sessions.list(userId)).records.map(({ sessionId }) => sessionId);
    expect(live).toEqual([session.sessionId, ...newest]);
    const evicted = ids.find((id) => !newest.includes(id)) as string;
    expect((await sessions.find(evicted))?.record.revokedReason).toBe('evicted');
  });
});

it('ends sessions of the last millisecond, and of a clock that was ahead', async () => {
  const userId = newUserId();
  const ids = await createMany(userId, 260);
  const client = connect();
  const [index] = await client.keys(`${prefix}u{${ids[0]?.slice(0, 2)}}*`);
  const ahead = ids.at(-1) as string;
  const key = `${prefix}s{${ahead.slice(0, 2)}}${ahead.slice(2)}`;
  const record = (await client.getBuffer(key)) as Buffer;
  // Its creation, in the record and in the index.
  record.writeUIntBE(Date.now() + 60_000, 16, 6);
  await client.set(key, record, 'KEEPTTL');
  await client.zadd(index as string, Date.now() + 60_000, ahead.slice(2));
  const last = newSession({ userId });
  const created = sessions.create(last);
  const { revoked } = await sessions.revokeAll(revokeAllInput(userId));
  await created;
  expect(revoked.toSorted()).toEqual([...ids, last.sessionId].toSorted());
  expect((await sessions.list(userId)).records).toEqual([]);
});

it('a page goes on after a session that has ended, among others of its millisecond', async () => {
  const userId = newUserId();
  const ids = await createMany(userId, 6);
  const client = connect();
  const [index] = await client.keys(`${prefix}u{${ids[0]?.slice(0, 2)}}*`);
  const createdAt = Date.now();
  for (const id of ids) {
    const key = `${prefix}s{${id.slice(0, 2)}}${id.slice(2)}`;
    const record = (await client.getBuffer(key)) as Buffer;
    record.writeUIntBE(createdAt, 16, 6);
    await client.set(key, record, 'KEEPTTL');
    await client.zadd(index as string, createdAt, id.slice(2));
  }
  const { records } = await sessions.list(userId, { limit: 3 });
  const all = (await sessions.list(userId)).records.map(({ sessionId }) => sessionId);
  const after = records[2] as { createdAt: number; sessionId: string };
  await sessions.revoke(revokeInput(after.sessionId, 'logout'));
  const rest = (await sessions.list(userId, { after })).records.map(({ sessionId }) => sessionId);
  expect(rest).toEqual(all.slice(3));
});

it('a call that is sent again returns all that it has ended, whichever reply was lost', async () => {
  const reference = newUserId();
  await createMany(reference, 260);
  for (const scripts of [1, 2, 3]) {
    const userId = newUserId();
    const ids = await createMany(userId, 260);
    const input = revokeAllInput(userId);
    const dying = await dyingAfter(scripts);
    await expect(dying.sessions.revokeAll(input)).rejects.toMatchObject({
      code: 'ERR_STORE_UNAVAILABLE',
    });
    const { revoked } = await sessions.revokeAll(input);
    expect(revoked.toSorted()).toEqual(ids.toSorted());
  }
});

it('very many calls at once for one user are all done', async () => {
  const userId = newUserId();
  const ids = await createMany(userId, 400);
  const kept = ids.slice(0, 40);
  await Promise.all(
    kept.map((exceptSessionId) =>
      sessions.revokeAll(revokeAllInput(userId, 'logout', { exceptSessionId })),
    ),
  );
  expect((await sessions.list(userId)).records).toEqual([]);
});

it('an index of the first edition becomes one of this edition', async () => {
  const userId = newUserId();
  const ids = await createMany(userId, 260);
  const client = connect();
  const [index] = await client.keys(`${prefix}u{${ids[0]?.slice(0, 2)}}*`);
  const expiries = ids.flatMap((id) => [Math.ceil(Date.now() / 60_000) + 43_200, id.slice(2)]);
  await client.del(index as string);
  await client.zadd(index as string, ...expiries);
  await client.pexpire(index as string, 86_400_000);
  expect((await sessions.list(userId, { limit: 1_000 })).records).toHaveLength(260);
  expect(await client.zcount(index as string, '-inf', 1e9)).toBe(0);
  await revokeAllAndDie(userId);
  for (const id of ids) {
    expect((await sessions.find(id))?.record.revokedReason).toBe('password_changed');
  }
});
