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
])('%s is accepted', (raw, path, search) => {
  expect(readTarget(raw)).toStrictEqual({ path, search });
});

test.each([
  ['an empty target', ''],
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
  ['encoded dots', '/api/%2e%2e/admin'],
  ['half-encoded dots', '/api/.%2E/admin'],
  ['an encoded dot', '/api/%2e/admin'],
  ['an encoded slash', '/api/..%2fadmin'],
  ['an encoded slash in upper case', '/api%2Fadmin'],
  ['a backslash', '/api\\admin'],
  ['an encoded backslash', '/api/..%5cadmin'],
  ['a semicolon', '/api;/../admin'],
  ['an encoded semicolon', '/api%3b/notes'],
  ['NUL', '/api/%00'],
  ['a line break', '/api/%0d%0aset-cookie:x'],
  ['a tab', '/api/%09'],
  ['DEL', '/api/%7f'],
  ['a raw control character', '/api/\u0001'],
  ['a space', '/api/ notes'],
  ['double encoding', '/api/%252e%252e/admin'],
  ['a slash encoded twice', '/api/%252fadmin'],
  ['a broken encoding', '/api/%'],
  ['a broken encoding at the end', '/api/%4'],
  ['an encoding without hex digits', '/api/%zz'],
  ['Microsoft’s encoding', '/api/%u002e'],
  ['an overlong slash', '/api/%c0%af'],
  ['an overlong dot', '/api/%c0%ae%c0%ae/'],
  ['half a character', '/api/%c3'],
  ['a surrogate', '/api/%ed%a0%80'],
  ['raw UTF-8', '/api/é'],
  ['a fragment', '/api#x'],
  ['a fragment in the query', '/api?q#x'],
  ['a line break in the query', '/api?q\r\nx'],
  ['a target that is too long', `/${'a'.repeat(8_192)}`],
])('PX-05: %s is refused', (_, raw) => {
  expect(readTarget(raw)).toBeNull();
});

test('E20: a normalized target stays the same, and no reader finds a dot segment in it', () => {
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
      // A reader that decodes once, one that decodes twice, and a URL parser.
      expect(decodeURIComponent(path)).not.toMatch(/(^|[/\\])\.\.?([/\\]|$)|\/\/|\\|;|\0/);
      expect(path).not.toMatch(/%25[\da-f]{2}/i);
      expect(new URL(`http://api.example${path}${search}`).pathname).toBe(path);
    }),
    { numRuns: 1_000 },
  );
});
