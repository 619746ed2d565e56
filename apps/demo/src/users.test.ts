import { expect, test } from 'vitest';
import { argon2id, Users } from './users.ts';

const password = 'correct horse battery';

test('a name is taken once, however it is typed, also by two at once', async () => {
  const users = new Users();
  const both = await Promise.all([
    users.register('Ann', password),
    users.register('ａｎｎ', password),
  ]);
  expect(both.filter((user) => user !== null)).toHaveLength(1);
  expect(await users.register('ANN', password)).toBeNull();
});

test('E.4: an unknown user costs what a wrong password costs: one comparison of one strength', async () => {
  const compared: string[] = [];
  const users = new Users({
    ...argon2id,
    verify: (passwordHash, given) => {
      compared.push(passwordHash.split('$').slice(0, 4).join('$'));
      return argon2id.verify(passwordHash, given);
    },
  });
  await users.register('ann', password);
  expect(await users.authenticate('ann', 'wrong')).toBeNull();
  expect(await users.authenticate('nobody', 'wrong')).toBeNull();
  expect(compared).toHaveLength(2);
  expect(compared[1]).toBe(compared[0]);
  expect(compared[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1$/);
});

test('a password change that fails is none', async () => {
  const users = new Users();
  const { id } = (await users.register('ann', password)) ?? { id: '' };
  const failing = users.changePassword(id, 'another', () => Promise.reject(new Error('down')));
  await expect(failing).rejects.toThrow('down');
  expect(await users.hasPassword(id, password)).toBe(true);
  expect(await users.changePassword(id, 'another', async () => {})).toBe(true);
  expect(await users.hasPassword(id, 'another')).toBe(true);
  users.remove(id);
  expect(users.find(id)).toBeNull();
  expect(await users.authenticate('ann', 'another')).toBeNull();
  expect(await users.changePassword(id, password, async () => {})).toBe(false);
});
