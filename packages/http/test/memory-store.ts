// By path, because memory depends on testkit, and testkit on this package.
export { createMemoryStore } from '../../memory/src/store.ts';
