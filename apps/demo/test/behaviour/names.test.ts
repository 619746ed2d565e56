import { describe, expect, test } from 'vitest';
import { ann, start } from '../harness/demo.ts';
import type { StoreName } from '../harness/store.ts';

/** What is sent as `name`, and what is shown. */
const accepted: readonly (readonly [string, unknown, string])[] = [
  ['a common one', 'John Doe', 'John Doe'],
  ['none', undefined, 'ann'],
  ['null', null, 'ann'],
  ['an empty one', '', 'ann'],
  ['only spaces', '   ', 'ann'],
  ['spaces around it', '  John Doe ', 'John Doe'],
  ['one letter', 'O', 'O'],
  ['apostrophe and hyphen', "Anne-Marie O'Brien", "Anne-Marie O'Brien"],
  ['markup', '<b>Bobby</b>"; drop table demo_users;--', '<b>Bobby</b>"; drop table demo_users;--'],
  ['a combining accent', 'Zoe\u0308', 'Zoë'],
  ['another script', '山田 太郎', '山田 太郎'],
  ['right to left', 'محمد بن سلمان', 'محمد بن سلمان'],
  ['a zero-width joiner', 'ක්\u200Dෂ', 'ක්\u200Dෂ'],
  ['an emoji of several code points', '👩‍👩‍👧 Doe', '👩‍👩‍👧 Doe'],
  ['a long one', 'Ж'.repeat(255), 'Ж'.repeat(255)],
];

describe.for<StoreName>(['sqlite', 'postgres', 'mysql'])(
  'the full name of a user on %s',
  (store) => {
    test('is kept as it was sent, and shown; without one the user name is', async () => {
      await using service = await start({ rateLimits: false }, store);
      for (const [, name, shown] of accepted) {
        const page = service.visitor();
        const user = { username: 'ann', name: shown };
        const registered = await page.send('POST', '/register', { ...ann, name });
        expect(registered).toMatchObject({ status: 201, body: { user } });
        expect((await page.send('GET', '/content')).body).toEqual({
          message: `Hello, ${shown}. This is for you alone.`,
          user: 'ann',
          name: shown,
        });
        const login = await service.visitor().send('POST', '/login', ann);
        expect(login).toMatchObject({ status: 200, body: { user } });
        expect(await page.send('DELETE', '/delete')).toMatchObject({ status: 200 });
      }
    });
  },
);

test.for([
  ['too long', 'x'.repeat(256), ' (at most 255 characters)'],
  ['too long, with spaces', `${'x '.repeat(200)}x`, ' (at most 255 characters)'],
  ['half a character', '\uD83D', ''],
  ['a control character', 'John\u0000Doe', ''],
  ['two lines', 'John\nDoe', ''],
  ['a line separator', 'John\u2028Doe', ''],
  ['text that turns around', 'John\u202Eeod', ''],
  ['a number', 7, ''],
  ['a list', ['John'], ''],
  ['an object', { first: 'John' }, ''],
] as const)('a full name that is %s is 400, and names the field', async ([, name, limit]) => {
  await using service = await start();
  expect(await service.send('POST', '/register', { ...ann, name })).toMatchObject({
    status: 400,
    body: { error: 'invalid_request', message: `not valid: name${limit}` },
  });
  expect(await service.send('POST', '/register', ann)).toMatchObject({ status: 201 });
});

test('the page without script shows a full name, and not as markup', async () => {
  await using service = await start();
  const page = service.visitor();
  await page.send('POST', '/register', { ...ann, name: '<i>Ann</i> & co' });
  const cookie = await page.jar.getCookieString('http://localhost:8080/plain');
  const response = await fetch(`http://127.0.0.1:${service.demo.port}/plain`, {
    headers: { cookie },
  });
  expect(await response.text()).toContain('You are &lt;i&gt;Ann&lt;/i&gt; &amp; co');
});
