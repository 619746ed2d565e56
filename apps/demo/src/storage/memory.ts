import { createMemoryStore } from '@pawl/memory';
import { storageBeside } from './beside.ts';
import type { Database } from './database.ts';
import type { Storage } from './storage.ts';

/** Sessions of this process: they are gone when it ends. */
export const openMemoryStorage = (database: Database): Storage =>
  storageBeside(database, createMemoryStore(), {
    check: async () => {},
    close: async () => {},
  });
