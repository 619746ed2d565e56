export type {
  FirstEdition,
  KeptApiKey,
  KeptSession,
  OpenedStore,
} from './first-edition/first-edition.ts';
export { testFirstEdition } from './first-edition/test-first-edition.ts';
