export type { HttpEvent } from '@pawl/http';
export { type AuthOf, createPawl, type FastifyPawl } from './pawl.ts';
