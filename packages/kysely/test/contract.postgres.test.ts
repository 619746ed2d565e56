import { describe } from 'vitest';
import { testStoreOn } from './two-nodes.ts';

describe('PostgreSQL, two nodes, the database’s clock', () => {
  testStoreOn('postgres');
});

describe('PostgreSQL, two nodes, an injected clock', () => {
  testStoreOn('postgres', { injectClock: true });
});
