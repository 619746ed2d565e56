import { describe, expect, it } from 'vitest';
import * as errors from './errors.ts';
import { callStore } from './store/call.ts';

const all = [
  new errors.ConfigurationError('store', 'is missing'),
  new errors.InvalidInputError('userId', 'is missing'),
  new errors.TokenInvalidError('forged'),
  new errors.TokenExpiredError(),
  new errors.TokenRevokedError(),
  new errors.SessionNotFoundError(),
  new errors.SessionRevokedError('logout'),
  new errors.SessionExpiredError(),
  new errors.SessionLimitError(),
  new errors.ApiKeyLimitError(),
  new errors.SessionConflictError(),
  new errors.ReuseDetectedError(),
  new errors.RefreshRetryError(),
  new errors.RefreshRefusedError(),
  new errors.StepUpRequiredError(),
  new errors.StoreUnavailableError(),
  new errors.StoreFullError(),
  new errors.StoreRegressionError(),
  new errors.StoreRecordError('it is another'),
];

describe('an error', () => {
  it('has a code of its own, the name of its class, and is recognized as an error of Pawl', () => {
    expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
    for (const error of all) {
      expect(error.code).toMatch(/^ERR_[A-Z_]+$/);
      expect(error.name).toBe(error.constructor.name);
      expect(error).toBeInstanceOf(errors.PawlError);
      expect(errors.isPawlError(error)).toBe(true);
      expect(error.message).not.toBe('');
    }
    const exported = Object.values(errors).filter(
      (one) => typeof one === 'function' && one.prototype instanceof errors.PawlError,
    );
    expect(all).toHaveLength(exported.length);
  });

  it('is known from another copy of this package, and nothing else is', () => {
    const foreign = Object.assign(new Error('x'), { library: '@pawl', code: 'ERR_TOKEN_INVALID' });
    expect(errors.isPawlError(foreign)).toBe(true);
    for (const odd of [new Error('x'), { library: '@pawl' }, null, undefined, 'text', 5]) {
      expect(errors.isPawlError(odd)).toBe(false);
    }
  });
});

describe('a call of the store', () => {
  it('returns the result of the store', async () => {
    expect(await callStore(async () => 5)).toBe(5);
  });

  it('FC-01: wraps whatever is thrown once, and passes errors of Pawl through', async () => {
    for (const thrown of [new Error('driver'), 'text', undefined, null] as unknown[]) {
      for (const call of [
        () => Promise.reject(thrown),
        () => {
          throw thrown;
        },
      ]) {
        await expect(callStore(call)).rejects.toMatchObject({
          code: 'ERR_STORE_UNAVAILABLE',
          cause: thrown,
        });
      }
    }
    for (const ours of all) await expect(callStore(() => Promise.reject(ours))).rejects.toBe(ours);
  });
});
