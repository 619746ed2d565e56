import type { GuardOutcome } from '@pawl/http';

/** What a guard found out about the caller. */
type AuthOf<Claims, Data> = Extract<GuardOutcome<Claims, Data>, { kind: 'authenticated' }>['auth'];

/** The context variables behind a guard that wants a credential. */
export interface GuardVariables<Claims, Data> {
  auth: AuthOf<Claims, Data>;
}

/** The context variables behind an optional guard: null for anonymous callers. */
export interface OptionalVariables<Claims, Data> {
  auth: AuthOf<Claims, Data> | null;
}
