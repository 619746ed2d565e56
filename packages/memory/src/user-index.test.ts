import { expect, it } from 'vitest';
import { UserIndex } from './user-index.ts';

it('removes a user with their last id', () => {
  const index = new UserIndex();
  index.add('ada', '1');
  index.add('ada', '2');
  index.remove('ada', '1');
  index.remove('bob', '2');
  expect([...index.of('ada')]).toEqual(['2']);
  index.remove('ada', '2');
  expect(index.size).toBe(0);
  expect(index.of('ada').size).toBe(0);
});
