import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../storage/database.ts';
import { Accounts } from './accounts.ts';
import { argon2id } from './passwords.ts';
import { UserTable } from './user-table.ts';

const password = 'correct horse battery';
let database: Database;
let users: UserTable;
beforeEach(async () => {
  database = await openDatabase('USERS', 'sqlite::memory:', () => {});
  users = new UserTable(database.db);
});
afterEach(() => database.close());

test('a name can be taken once, however it is written, also by two requests at once', async () => {
  const accounts = new Accounts(users);
  const both = await Promise.all([
    accounts.register('Ann', password),
    accounts.register('ａｎｎ', password),
  ]);
  expect(both.filter((user) => user !== null)).toHaveLength(1);
  expect(await accounts.register('ANN', password)).toBeNull();
});

test('S4: an unknown user costs the same as a wrong password: one comparison of the same strength', async () => {
  const compared: string[] = [];
  const accounts = new Accounts(users, {
    ...argon2id,
    verify: (passwordHash, given) => {
      compared.push(passwordHash.split('$').slice(0, 4).join('$'));
      return argon2id.verify(passwordHash, given);
    },
  });
  await accounts.register('ann', password);
  expect(await accounts.authenticate('ann', 'wrong')).toBeNull();
  expect(await accounts.authenticate('nobody', 'wrong')).toBeNull();
  expect(compared).toHaveLength(2);
  expect(compared[1]).toBe(compared[0]);
  expect(compared[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1$/);
});

test('a removed user is unknown', async () => {
  const accounts = new Accounts(users);
  const { id } = (await accounts.register('ann', password))?.user ?? { id: '' };
  expect(await accounts.authenticate('ann', password)).toEqual({
    user: { id, username: 'ann', name: 'ann' },
    passwordVersion: expect.stringMatching(/^[\w-]{43}$/),
  });
  await users.remove(id);
  expect(await accounts.find(id)).toBeNull();
  expect(await accounts.authenticate('ann', password)).toBeNull();
  expect(await accounts.hasPassword(id, password)).toBe(false);
  expect(await users.setPasswordHash(id, 'x')).toBe(false);
});

test('a failing database is unavailable, and not a missing user', async () => {
  const accounts = new Accounts(users);
  await database.db.schema.dropTable('demo_users').execute();
  const unavailable = expect.objectContaining({ code: 'ERR_STORE_UNAVAILABLE' });
  await expect(accounts.find('x')).rejects.toEqual(unavailable);
  await expect(accounts.register('ann', password)).rejects.toEqual(unavailable);
  await expect(users.setPasswordHash('x', 'y')).rejects.toEqual(unavailable);
  await expect(users.remove('x')).rejects.toEqual(unavailable);
});
