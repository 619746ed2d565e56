import { expect, test } from 'vitest';
import { circlesIn, specifiersOf } from './source/imports.ts';
import { parseText } from './source/parse.ts';

test('imports of every kind are seen', () => {
  const file = parseText(
    'a.ts',
    `import './static.ts';
    import type { A } from './type.ts';
    export { b } from './again.ts';
    export * from './all.ts';
    type C = import('./type-import.ts').C;
    const d = await import('./dynamic.ts');
    const e = (name: string) => import(\`./\${name}.ts\`);`,
  );
  expect([...specifiersOf(file)].sort()).toEqual([
    './again.ts',
    './all.ts',
    './dynamic.ts',
    './static.ts',
    './type-import.ts',
    './type.ts',
  ]);
});

test('circles are found, whatever leads into them', () => {
  const graph = {
    main: ['a', 'd'],
    a: ['b'],
    b: ['c', 'outside'],
    c: ['a'],
    d: ['e', 'a'],
    e: [],
    self: ['self'],
  };
  expect(circlesIn(new Map(Object.entries(graph)))).toEqual([['a', 'b', 'c'], ['self']]);
});
