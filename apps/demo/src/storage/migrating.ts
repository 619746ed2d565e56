import type { DialectName } from '@pawl/kysely';

const attempts = 5;

/**
 * Runs migrations. SQLite has no lock for them: of several processes that start at once on
 * a new file one makes the tables, and the others find them when they look again.
 */
export const migrating = async (
  dialect: DialectName,
  migrate: () => Promise<void>,
): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await migrate();
    } catch (error) {
      if (dialect !== 'sqlite' || attempt === attempts) throw error;
      await new Promise((wake) => setTimeout(wake, 50 * attempt));
    }
  }
};
