import { expect, test, vi } from 'vitest';
import { rememberNames } from './header-names.ts';

test('a name is judged once, by its own spelling', () => {
  const judge = vi.fn<(name: string) => string>((name) =>
    name === 'drop' ? '' : name.toUpperCase(),
  );
  const remembered = rememberNames(judge);
  for (let round = 0; round < 3; round++) {
    expect(['a', 'A', 'drop', 'b'].map(remembered)).toStrictEqual(['A', 'A', '', 'B']);
  }
  expect(judge).toHaveBeenCalledTimes(4);
});

test('names that a client makes up fill nothing', () => {
  const judge = vi.fn<(name: string) => string>((name) => name);
  const remembered = rememberNames(judge);
  const long = 'x'.repeat(65);
  for (let round = 0; round < 3; round++) expect(remembered(long)).toBe(long);
  expect(judge).toHaveBeenCalledTimes(3);
  for (let made = 0; made < 501; made++) remembered(`x-${made}`);
  judge.mockClear();
  // What was remembered first has gone, what came last is there.
  remembered('x-0');
  remembered('x-500');
  expect(judge.mock.calls).toStrictEqual([['x-0']]);
});
