import type { Clock } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import type { Database } from './database.ts';
import { createSplitStorage } from './split-storage.ts';
import type { Storage } from './storage.ts';

/** Keeps the sessions in this process. They are lost when it ends. */
export const openMemoryStorage = (database: Database, clock?: Clock): Storage =>
  createSplitStorage(database, createMemoryStore({ clock }), {
    check: async () => {},
    close: async () => {},
  });
