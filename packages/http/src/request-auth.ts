import type { Auth } from '@pawl/core';

/** A request on which a guard has left its result. */
export interface GuardedRequest {
  /** Null where no guard ran, and for an anonymous caller. */
  auth?: unknown;
}

/** What the guards of a binding find: `AuthOf<typeof pawl>`. */
export type AuthOf<Pawl extends { readonly auth: (request: never) => unknown }> = ReturnType<
  Pawl['auth']
>;

/**
 * Returns what the guard of a request found, with the types of the application.
 *
 * @throws Error if no guard ran, or if an optional guard let an anonymous caller through: a
 *   mistake of the application, so a 500
 */
export const requireAuth = <Claims, Data>(request: object): Auth<Claims, Data> => {
  const auth = authIfAny<Claims, Data>(request);
  if (!auth) throw new Error('pawl: req.auth is empty: put a guard in front of this handler');
  return auth;
};

/** Like {@link requireAuth}, but returns null if no guard ran or the caller is anonymous. */
export const authIfAny = <Claims, Data>(request: object): Auth<Claims, Data> | null =>
  ((request as GuardedRequest).auth ?? null) as Auth<Claims, Data> | null;
