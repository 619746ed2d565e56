/**
 * Wraps a store in a driver that loses every first reply: each call is made twice with the same arguments,
 * so with the same `callId`, and only the second result or error is returned. A store that fulfils its
 * contract returns the same as without the wrapper. Only `deleteExpired` returns 0, because the first call
 * has removed everything. `subscribe` is called once.
 *
 * @example
 * const store = sendTwice(createMyStore(client));
 * await store.sessions.revoke(input); // 'revoked', although the first call has revoked the session
 */
export const sendTwice = <S extends object>(store: S): S =>
  new Proxy(store, {
    get: (target, name) => {
      const part: unknown = Reflect.get(target, name);
      return isPart(part) ? partSentTwice(part) : part;
    },
  });

const partSentTwice = <P extends object>(part: P): P =>
  new Proxy(part, {
    get: (target, name) => {
      const verb: unknown = Reflect.get(target, name);
      if (typeof verb !== 'function') return verb;
      const call = (args: unknown[]): unknown => Reflect.apply(verb, target, args);
      if (name === 'subscribe') return (...args: unknown[]) => call(args);
      return async (...args: unknown[]) => {
        await Promise.resolve(call(args)).catch(() => undefined);
        return call(args);
      };
    },
  });

const isPart = (value: unknown): value is object => typeof value === 'object' && value !== null;
