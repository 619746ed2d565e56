import type { DialectName } from '@pawl/kysely';

/** More than there are processes and steps: each try fails only because another one got further. */
const attempts = 40;
/** In ms. */
const longestPause = 250;

/**
 * Runs migrations. SQLite has no lock for them: if several processes start at once on a new file,
 * one creates the tables, and the others succeed when they try again.
 */
export const migrateWithRetries = async (
  dialect: DialectName,
  migrate: () => Promise<void>,
): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrate();
    } catch (error) {
      if (dialect !== 'sqlite' || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(longestPause, 50 * attempt)));
    }
  }
};
