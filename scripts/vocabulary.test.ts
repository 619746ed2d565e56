import { expect, test } from 'vitest';
import { checkVocabulary, refusedIn } from './vocabulary.ts';

test.for([
  ['/** Answers the time. */', 'Answers'],
  ['// The reply. It\n// answers with 503.', 'answers with'],
  ["throw new Error('the token is no text');", 'is no text'],
  ["test('whoever comes first', () => {});", 'whoever'],
  ['/** Null if there is one and it is\n * none. */', 'is none'],
])('%s is refused', ([source, found]) => {
  expect(refusedIn('a.ts', source as string).map((each) => each.found)).toEqual([found]);
});

test.for([
  '/** The answers are cached; there is none for a stranger. */',
  'const whoever = answers(the);',
  '/** See `is none`. It is no longer valid. */',
  "import 'whoever';",
])('%s is not', (source) => {
  expect(refusedIn('a.ts', source)).toEqual([]);
});

test('no permission is left over', { timeout: 60_000 }, () => {
  expect(checkVocabulary().unneeded).toEqual([]);
});
