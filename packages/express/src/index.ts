export type { HttpEvent } from '@pawl/http';
export { type AuthOf, createPawl, type ExpressPawl } from './pawl.ts';
export type { AnyRequest, Middleware } from './request.ts';
