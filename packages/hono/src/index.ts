export type { HttpEvent } from '@pawl/http';
export { createPawl, type HonoPawl } from './pawl.ts';
export { remoteAddress } from './remote-address.ts';
export type { GuardVariables, OptionalVariables } from './variables.ts';
