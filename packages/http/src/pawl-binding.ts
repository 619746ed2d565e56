import type { Auth, Authentication, IssuedTokens, SessionInput } from '@pawl/core';
import type { LoginOptions, LoginResponse } from './login.ts';
import type { UpgradeGuard } from './node/upgrade.ts';
import type { RateLimitPolicy } from './rate-limit/policy.ts';

/** The framework's own types, from which {@link PawlBinding} makes its members. */
export interface FrameworkTypes {
  /** Where a guard leaves its result: a request, or a context. */
  readonly request: unknown;
  /** What a handler receives: `[req: Request, res: Response]`, or `[c: Context]`. */
  readonly call: readonly unknown[];
  /** What stands in front of a handler. */
  readonly middleware: unknown;
  /** What the framework mounts routes as. */
  readonly routes: unknown;
  /** What the framework takes as an error handler. */
  readonly errorHandler: unknown;
}

/**
 * The members that every binding has, beside `guard` and `optionalGuard`. A binding declares its
 * type by it: `interface ExpressPawl<Claims, Data> extends PawlBinding<Claims, Data, …>`.
 */
export interface PawlBinding<Claims, Data, Framework extends FrameworkTypes> {
  /**
   * Returns what the guard of this request found, with the types of the application.
   *
   * @throws Error if no guard ran, or if an optional guard let an anonymous caller through
   */
  auth(request: Framework['request']): Auth<Claims, Data>;
  /**
   * Returns what the guard of this request found: null for an anonymous caller, or without a guard.
   */
  authIfAny(request: Framework['request']): Auth<Claims, Data> | null;
  /**
   * Counts requests by client and refuses too many, with 429: `rateLimit('login')` in front of a
   * login, before the password is checked. Any other name has a limit of its own.
   *
   * @throws ConfigurationError without the option `rateLimits`, or if the policy is invalid
   */
  rateLimit(name: string, policy?: RateLimitPolicy): Framework['middleware'];
  /** Returns the session routes, to be mounted as they are: their paths include `authPath`. */
  routes(): Framework['routes'];
  /**
   * Refuses an unsafe request that another site made: for a route without a guard, such as a
   * sign-up, before it does anything. `login` calls it itself.
   */
  assertOrigin(request: Framework['request']): Promise<void>;
  /**
   * Creates a session for a user whom the application has authenticated, revokes the one that the
   * browser had, and sets the cookies on the response. Put the returned `body` into your own
   * response.
   */
  login(
    ...args: [
      ...call: Framework['call'],
      session: SessionInput<Claims, Data>,
      options?: LoginOptions,
    ]
  ): Promise<LoginResponse>;
  /**
   * Records a step-up, such as a second factor, and replaces the session's credentials: the old
   * ones no longer work. The new ones are delivered the way the old ones came.
   */
  elevate(
    ...args: [
      ...call: Framework['call'],
      sessionId: string,
      authentication?: Partial<Authentication>,
    ]
  ): Promise<LoginResponse<IssuedTokens>>;
  /** Revokes the session of the request and clears its cookies on the response. */
  logout(...call: Framework['call']): Promise<void>;
  /**
   * Checks the request of a WebSocket, in the event `upgrade` of a `node:http` server. A refusal is
   * written to the socket, and the result is null.
   *
   * @example
   * server.on('upgrade', async (request, socket, head) => {
   *   const auth = await pawl.upgrade(request, socket);
   *   if (auth) sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, auth));
   * });
   */
  readonly upgrade: UpgradeGuard<Claims, Data>;
  /**
   * Responds to refusals, and to errors of Pawl that a handler did not catch. All other errors go
   * to `otherwise`. Default: what the framework does with them.
   */
  errorHandler(otherwise?: Framework['errorHandler']): Framework['errorHandler'];
}
