import type { Guard } from '@pawl/http';
import type { BffData } from './sealing/upstream-session.ts';

/** A guard for requests of the page. */
export type BffGuard<Claims, Data> = Guard<Claims, BffData<Data>>;
