import { describe } from 'vitest';
import { testStoreOn } from './two-nodes.ts';

describe('PostgreSQL, two nodes, its own clock', () => {
  testStoreOn('postgres');
});

describe('PostgreSQL, two nodes, on a clock of the test', () => {
  testStoreOn('postgres', { injectClock: true });
});
