export type { HttpEvent } from '@pawl/http';
export { type AuthOf, createPawl, type Pawl } from './pawl.ts';
