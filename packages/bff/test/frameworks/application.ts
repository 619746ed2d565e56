import type { RequestListener } from 'node:http';
import type { Bff } from '../../src/bff.ts';

/**
 * An application of the tests: the BFF's routes, `/` and `/deep` with a text, and `/mine`, which
 * is guarded and returns the user. An error that HTTP has no response for is 500.
 */
export interface Application {
  readonly listener: RequestListener;
  close(): Promise<void>;
}

/** @param touchResponses whether a middleware runs before all routes that sets {@link touched} */
export type Mount = <Claims extends object, Data extends object>(
  bff: Bff<Claims, Data>,
  touchResponses?: boolean,
) => Promise<Application>;

/** What the middleware sets on each response. */
export const touched = {
  'set-cookie': 'lang=en; Path=/',
  'cache-control': 'public, max-age=60',
  vary: 'Accept-Encoding',
  'x-middleware': 'on',
} as const;

export const texts = { '/': 'a page', '/deep': 'a page in the deep' } as const;
export const internalError = 'an internal error';
