import { localOrigin } from '../harness/service.ts';

/** Headers that say where a request comes from. */
export type OriginHeaders = Readonly<Record<string, string>>;

/** Origin headers, and whether a request with them is trusted. */
export const verdicts: readonly (readonly [sent: OriginHeaders, trusted: boolean])[] = [
  [{ 'sec-fetch-site': 'same-origin' }, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }, true],
  [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, true],
  [{ 'sec-fetch-site': 'none' }, false],
  [{ 'sec-fetch-site': 'cross-site', origin: localOrigin }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ 'sec-fetch-site': 'same-site', origin: 'http://other.localhost:8080' }, false],
  [{ 'sec-fetch-site': 'Same-Origin' }, false],
  [{ 'sec-fetch-site': '' }, false],
  [{ origin: localOrigin }, true],
  [{ origin: 'HTTP://LOCALHOST:8080' }, true],
  [{ origin: 'null' }, false],
  [{ origin: '' }, false],
  [{ origin: 'https://evil.example' }, false],
  [{ origin: 'https://localhost:8080' }, false],
  [{ origin: 'http://localhost' }, false],
  [{ origin: 'http://localhost:80' }, false],
  [{ origin: 'http://localhost.:8080' }, false],
  [{ origin: 'http://localhost:8080.evil.example' }, false],
  [{ origin: 'http://localhost:8080@evil.example' }, false],
  [{ origin: 'http://evil@localhost:8080' }, false],
  [{ origin: 'http://localhost:8080/' }, false],
  [{ origin: `${localOrigin}, https://evil.example` }, false],
  [{ origin: 'https://evil.example', referer: `${localOrigin}/page` }, false],
  [{ referer: `${localOrigin}/page?x=1` }, true],
  [{ referer: 'https://evil.example/http://localhost:8080/' }, false],
  [{}, true],
];
