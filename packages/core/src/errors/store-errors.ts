import { PawlError } from './pawl-error.ts';

/**
 * Thrown when the store does not respond, or fails. `cause` is the driver's error. It means
 * neither "logged out" nor "allowed": refuse the request (503) and let the client try again.
 */
export class StoreUnavailableError extends PawlError {
  readonly code = 'ERR_STORE_UNAVAILABLE';

  constructor(options?: ErrorOptions) {
    super('the store is not available', options);
  }

  override get name(): 'StoreUnavailableError' {
    return 'StoreUnavailableError';
  }
}

/**
 * Thrown when a store of bounded size has no room left, even after it removed what has
 * expired. Nothing was written: raise the bound, or use a store without one.
 */
export class StoreFullError extends PawlError {
  readonly code = 'ERR_STORE_FULL';

  constructor() {
    super('the store is full');
  }

  override get name(): 'StoreFullError' {
    return 'StoreFullError';
  }
}

/**
 * Thrown when the store holds an older generation of the session than the client, or another history
 * of it: the store lost a write (a failover, a restored backup). While the write may still come back
 * (`regressionPeriod`), refresh tokens of the session and newer access tokens are refused (503), and
 * nothing is revoked. After that the session ends with the reason `lost`, and the user has to log in
 * again. Check the store's durability.
 */
export class StoreRegressionError extends PawlError {
  readonly code = 'ERR_STORE_REGRESSION';

  constructor() {
    super('the store has lost a write of this session');
  }

  override get name(): 'StoreRegressionError' {
    return 'StoreRegressionError';
  }
}

/**
 * Thrown when the store returns a record of another session, or one whose parts contradict
 * each other. Refuse the request (503) and check the adapter and the stored data.
 */
export class StoreRecordError extends PawlError {
  readonly code = 'ERR_STORE_RECORD';

  constructor(problem: string) {
    super(`the store returned a wrong record: ${problem}`);
  }

  override get name(): 'StoreRecordError' {
    return 'StoreRecordError';
  }
}
