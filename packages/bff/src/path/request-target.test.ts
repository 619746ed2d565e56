import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTarget } from './request-target.ts';

test.each([
  ['/', '/', ''],
  ['/api/notes', '/api/notes', ''],
  ['/api/notes/', '/api/notes/', ''],
  ['/api/notes?q=1&r=%2F..%2f', '/api/notes', '?q=1&r=%2F..%2f'],
  ['/api?', '/api', '?'],
  ['/%7eann/%41', '/~ann/A', ''],
  ['/%61pi', '/api', ''],
  ['/caf%c3%a9', '/caf%C3%A9', ''],
  ['/a%20b', '/a%20b', ''],
  ['/a%3Fb%23c', '/a%3Fb%23c', ''],
  ['/100%25', '/100%25', ''],
  ['/100%25%20off', '/100%25%20off', ''],
  ["/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,=", ''],
  ['/.well-known/x', '/.well-known/x', ''],
  ['/...', '/...', ''],
  ['/a..b', '/a..b', ''],
  ['/"<>^`{|}', '/%22%3C%3E%5E%60%7B%7C%7D', ''],
])('%s is read', (raw, path, search) => {
  expect(readTarget(raw)).toStrictEqual({ path, search });
});

test.each([
  ['nothing', ''],
  ['no slash', 'api'],
  ['an asterisk', '*'],
  ['the absolute form', 'http://evil.example/api'],
  ['the authority form', 'evil.example:443'],
  ['two slashes', '//evil.example/api'],
  ['two slashes inside', '/api//notes'],
  ['a dot segment', '/api/./notes'],
  ['a dot segment at the end', '/api/.'],
  ['two dots', '/api/../admin'],
  ['two dots at the end', '/api/..'],
  ['dots that are encoded', '/api/%2e%2e/admin'],
  ['dots that are half encoded', '/api/.%2E/admin'],
  ['a dot that is encoded', '/api/%2e/admin'],
  ['a slash that is encoded', '/api/..%2fadmin'],
  ['a slash that is encoded in capitals', '/api%2Fadmin'],
  ['a backslash', '/api\\admin'],
  ['a backslash that is encoded', '/api/..%5cadmin'],
  ['a semicolon', '/api;/../admin'],
  ['a semicolon that is encoded', '/api%3b/notes'],
  ['NUL', '/api/%00'],
  ['a line break', '/api/%0d%0aset-cookie:x'],
  ['a tab', '/api/%09'],
  ['DEL', '/api/%7f'],
  ['a raw control character', '/api/\u0001'],
  ['a blank', '/api/ notes'],
  ['what is encoded twice', '/api/%252e%252e/admin'],
  ['a slash that is encoded twice', '/api/%252fadmin'],
  ['a broken encoding', '/api/%'],
  ['a broken encoding at the end', '/api/%4'],
  ['letters that are no digits', '/api/%zz'],
  ['Microsoft’s encoding', '/api/%u002e'],
  ['an overlong slash', '/api/%c0%af'],
  ['an overlong dot', '/api/%c0%ae%c0%ae/'],
  ['half a character', '/api/%c3'],
  ['a surrogate', '/api/%ed%a0%80'],
  ['raw UTF-8', '/api/é'],
  ['a fragment', '/api#x'],
  ['a fragment in the query', '/api?q#x'],
  ['a line break in the query', '/api?q\r\nx'],
  ['too much', `/${'a'.repeat(8_192)}`],
])('PX-05: %s is refused', (_, raw) => {
  expect(readTarget(raw)).toBeNull();
});

test('E20: what is read reads the same again, and no reader finds a step up in it', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2F',
      '%5c',
      ';',
      '//',
      '%',
      '%25',
      '%00',
      '?',
      '#',
      '\\',
      '%c0%af',
    ),
    fc.string({ maxLength: 4 }),
    fc.webPath(),
  );
  const target = fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`);
  fc.assert(
    fc.property(target, (raw) => {
      const read = readTarget(raw);
      if (read === null) return;
      const { path, search } = read;
      expect(readTarget(path + search)).toStrictEqual(read);
      // A reader that decodes, one that would decode again, and one of URLs.
      expect(decodeURIComponent(path)).not.toMatch(/(^|[/\\])\.\.?([/\\]|$)|\/\/|\\|;|\0/);
      expect(path).not.toMatch(/%25[\da-f]{2}/i);
      expect(new URL(`http://api.example${path}${search}`).pathname).toBe(path);
    }),
    { numRuns: 1_000 },
  );
});
