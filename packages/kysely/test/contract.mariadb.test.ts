import { describe } from 'vitest';
import { testStoreOn } from './two-nodes.ts';

describe('MariaDB, two nodes, the database’s clock', () => {
  testStoreOn('mysql');
});

describe('MariaDB, two nodes, an injected clock', () => {
  testStoreOn('mysql', { injectClock: true });
});
