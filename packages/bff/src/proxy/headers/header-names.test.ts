import { expect, test, vi } from 'vitest';
import { cacheByName } from './header-names.ts';

test('a name is mapped once per spelling', () => {
  const map = vi.fn<(name: string) => string>((name) =>
    name === 'drop' ? '' : name.toUpperCase(),
  );
  const cached = cacheByName(map);
  for (let round = 0; round < 3; round++) {
    expect(['a', 'A', 'drop', 'b'].map(cached)).toStrictEqual(['A', 'A', '', 'B']);
  }
  expect(map).toHaveBeenCalledTimes(4);
});

test('invented names do not fill the memory', () => {
  const map = vi.fn<(name: string) => string>((name) => name);
  const cached = cacheByName(map);
  const long = 'x'.repeat(65);
  for (let round = 0; round < 3; round++) expect(cached(long)).toBe(long);
  expect(map).toHaveBeenCalledTimes(3);
  for (let made = 0; made < 501; made++) cached(`x-${made}`);
  map.mockClear();
  // The first name has been evicted, the last one is cached.
  cached('x-0');
  cached('x-500');
  expect(map.mock.calls).toStrictEqual([['x-0']]);
});
