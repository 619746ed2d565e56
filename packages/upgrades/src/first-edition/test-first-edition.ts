import { afterAll, beforeAll, describe } from 'vitest';
import { testApiKeys } from './api-keys.ts';
import { testEndedSessions } from './ended-sessions.ts';
import type { FirstEdition, OpenedStore, Upgraded } from './first-edition.ts';
import { testLiveSessions } from './live-sessions.ts';
import { testOtherParts } from './other-parts.ts';

const ages = [
  ['a moment later', 0],
  ['three days later', 3 * 86_400_000],
] as const;

/**
 * Registers the tests that an upgrade from the first edition logs nobody out, and loses nothing else.
 *
 * @param open opens a store on the data as if it had been made `age` ms ago
 */
export const testFirstEdition = (
  made: FirstEdition,
  open: (age: number) => Promise<OpenedStore>,
): void => {
  describe.each(ages)('%s', (_, age) => {
    let opened: OpenedStore;
    beforeAll(async () => {
      opened = await open(age);
    }, 60_000);
    afterAll(() => opened.close());
    const upgraded: Upgraded = { made, age, opened: () => opened };
    testOtherParts(upgraded);
    testApiKeys(upgraded);
    testLiveSessions(upgraded);
    testEndedSessions(upgraded);
  });
};
