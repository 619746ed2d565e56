import type { CookieSettings } from '../settings.ts';
import type { CookieAttributes } from './serialize.ts';

/**
 * The cookies of one name that are in the way when a request brings several. Ours stands on `/`, so
 * an unprefixed one of an earlier deployment stands on another path. A prefixed name can stand on
 * `/` only.
 */
export const otherPaths = (
  { policy, stalePaths }: CookieSettings,
  attributes: CookieAttributes = policy.credential,
): readonly CookieAttributes[] =>
  attributes.secure ? [] : stalePaths.map((path) => ({ ...attributes, path }));
