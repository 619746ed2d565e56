import { describe } from 'vitest';
import { testStoreOn } from './two-nodes.ts';

describe('MariaDB, two nodes, its own clock', () => {
  testStoreOn('mysql');
});

describe('MariaDB, two nodes, on a clock of the test', () => {
  testStoreOn('mysql', { injectClock: true });
});
