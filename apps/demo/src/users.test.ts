import { expect, test } from 'vitest';
import { Users } from './users.ts';

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

test('E.4: an unknown user and a wrong password are one answer in one time', async () => {
  const users = new Users();
  await users.register('ann', password);
  const time = async (name: string): Promise<number> => {
    const started = performance.now();
    expect(await users.authenticate(name, 'wrong')).toBeNull();
    return performance.now() - started;
  };
  await Promise.all([time('ann'), time('nobody')]);
  const known: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 7; round++) {
    known.push(await time('ann'));
    unknown.push(await time('nobody'));
  }
  const fastest = (times: number[]): number => Math.min(...times);
  const ratio = fastest(unknown) / fastest(known);
  expect(ratio).toBeGreaterThan(0.6);
  expect(ratio).toBeLessThan(1.6);
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
