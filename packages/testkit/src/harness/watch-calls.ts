/**
 * Returns the store, and reports the name of each verb that is called, such as `sessions.rotate`, before
 * the call.
 */
export const watchCalls = <S extends object>(store: S, called: (verb: string) => void): S =>
  new Proxy(store, {
    get: (target, name) => {
      const part: unknown = Reflect.get(target, name);
      return typeof part === 'object' && part !== null
        ? watchPart(part, (verb) => called(`${String(name)}.${verb}`))
        : part;
    },
  });

const watchPart = <P extends object>(part: P, called: (verb: string) => void): P =>
  new Proxy(part, {
    get: (target, name) => {
      const verb: unknown = Reflect.get(target, name);
      if (typeof verb !== 'function') return verb;
      return (...args: unknown[]): unknown => {
        called(String(name));
        return Reflect.apply(verb, target, args);
      };
    },
  });
