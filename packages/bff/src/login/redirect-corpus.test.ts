import { expect, test } from 'vitest';
import { returnUrl } from './return-to.ts';

const origin = 'https://app.example';

/** What has led from one site to another in redirectors of all kinds; `H` is where to. */
const forms = [
  ...['//H', '///H', '////H', '/////H', '//H/', '///H/', '//H/%2f..', '///H/%2f..', '////H/%2f..'],
  ...['//H//', '//H/..', '//H/%2e%2e', '//H/%2e%2e%2f', '///H/%2e%2e%2f', '/%2e%2e/%2fH', '//%2fH'],
  ...[
    '/\\H',
    '/\\/H',
    '\\/H',
    '\\\\H',
    '\\/\\/H/',
    '/\\/\\H',
    '//\\H',
    '/\\\\H',
    '\\\\\\H',
    '/\\H\\',
  ],
  ...[
    '/%09/H',
    '/%5cH',
    '/%5C/H',
    '/%2fH',
    '/%2f/H',
    '/%2F%2FH',
    '%2f%2fH',
    '//%5cH',
    '/%0d/H',
    '/%0a/H',
  ],
  ...[
    '/\t/H',
    '/\n/H',
    '/\r/H',
    '\t//H',
    '\n//H',
    ' //H',
    '/ /H',
    '/\u0000/H',
    '\u0000//H',
    '/\u0009H',
  ],
  ...[
    'https://H',
    'https:H',
    'https:/H',
    'https:///H',
    'http://H',
    'hTTps://H',
    'ftp://H',
    'ws://H',
  ],
  ...[
    'https:\\\\H',
    'https:\\H',
    'https:/\\H',
    '/https://H',
    '/https:/H',
    'https%3a%2f%2fH',
    '//https://H',
  ],
  ...[
    '@H',
    '/@H',
    '//@H',
    '//app.example@H',
    '//app.example:80@H',
    '//app.example%40H',
    '//H@app.example',
  ],
  ...[
    '//app.example.H',
    '//H?app.example',
    '//H#app.example',
    '//H\\@app.example',
    '//H%23.app.example',
  ],
  ...[
    '//H;@app.example',
    '//H\\app.example',
    '//H%5c%5capp.example',
    '//H%00.app.example',
    '//H%0aapp.example',
  ],
  ...[
    '.H',
    '/.H',
    '../H',
    '/../H',
    '/..//H',
    '/a/..//H',
    '/./H',
    '/.//H',
    '/%2e//H',
    '/%2e%2e//H',
    '/./\\H',
  ],
  ...[
    '/a/../../..//H',
    '/;//H',
    ';//H',
    '/;@H',
    '/:H',
    ':H',
    '?//H',
    '/?//H',
    '#//H',
    '/#//H',
    '/?https://H',
  ],
  ...[
    '/\u2028/H',
    '/\u00a0/H',
    '/\u3000//H',
    '/\ufeff/H',
    '/\uff0fH',
    '\uff0f\uff0fH',
    '/\u2215H',
    '/\u29f8/H',
  ],
  ...[
    '//\u3002H',
    '/\ud800/H',
    '//H\u3002',
    '//\u00adH',
    '/\u202e//H',
    '〱H',
    '〵H',
    'ゝH',
    'ーH',
    '/ー/H',
  ],
  ...[
    'javascript:location="//H"',
    'java\nscript:"//H"',
    'data:text/html,//H',
    'vbscript:H',
    'blob:https://H/',
  ],
  ...[
    'javascript://H/%0aalert(1)',
    '/javascript:alert("H")',
    'view-source:https://H',
    'file://H/',
    'about:blank#H',
  ],
  ...[
    '/a\r\nLocation: //H',
    '/%0d%0aLocation:%20//H',
    '/a\nSet-Cookie:H',
    '/%E5%98%8A%E5%98%8D//H',
    '/a?b\r\n//H',
  ],
  ...[
    '<>//H',
    '/<>//H',
    '/"//H',
    '|//H',
    '/|/H',
    '/^/H',
    '/`//H',
    '/{}//H',
    '/[::1]//H',
    '[H]',
    '/*//H',
    '/~//H',
  ],
];

const hosts = [
  'evil.example',
  'evil.example:443',
  '1.2.3.4',
  '16909060',
  '[::ffff:1.2.3.4]',
  'xn--e1awd7f',
];

const corpus = forms.flatMap((form) => hosts.map((host) => form.replaceAll('H', host)));

test('BFF-09: nothing that has ever led astray leads off the origin', () => {
  expect(new Set(corpus).size).toBeGreaterThan(850);
  for (const given of corpus) {
    for (const spelt of [given, given.toUpperCase(), `${given}/`, `${given}?x=${given}`]) {
      const url = returnUrl(spelt, origin);
      if (url === null) continue;
      expect(new URL(url).origin, spelt).toBe(origin);
      // Whoever keeps the path alone, and resolves it again, stays here as well.
      const { pathname, search, hash } = new URL(url);
      expect(new URL(pathname + search + hash, origin).origin, spelt).toBe(origin);
      expect(url, spelt).not.toMatch(/[\\\s]/);
    }
  }
});

test('and what is nothing but a path gets where it wants', () => {
  for (const given of [
    '/@evil.example',
    '/:evil.example',
    '/?//evil.example',
    '/#//evil.example',
  ]) {
    expect(returnUrl(given, origin)).toBe(origin + given);
  }
});
