import { createDpop, type DpopOptions } from '../../src/dpop/dpop.ts';
import type { HttpRequest } from '../../src/request.ts';
import type { HttpResponse } from '../../src/response.ts';
import { json, origin, request, type Setting, setUp } from '../fixture.ts';
import { createMemoryStore } from '../memory-store.ts';
import { athOf, type Prover } from './proofs.ts';

/** Sessions that are bound to a key. */
export interface Bound extends Setting {
  /** Creates a request with a new proof. */
  readonly sent: (
    prover: Prover,
    method: string,
    url: string,
    accessToken?: string,
    more?: { body?: unknown; nonce?: string | undefined; scheme?: string },
  ) => Promise<HttpRequest>;
  /** Sends a request to the route that is mounted for it. */
  readonly route: (request: HttpRequest) => Promise<HttpResponse>;
  /** Whether the store of used proofs fails, and how often it was called. */
  readonly replays: { down: boolean; calls: number };
}

/** Sessions in memory, an `Http` with proofs, and a clock that only moves when told. */
export const setUpBound = (
  options: Partial<DpopOptions> = {},
  core: Parameters<typeof setUp>[1] = {},
): Bound => {
  const start = 1_700_000_000_000;
  let waited = 0;
  const clock = (): number => start + waited;
  const memory = createMemoryStore({ clock }).singleUse;
  const replays = { down: false, calls: 0 };
  const singleUse: typeof memory = {
    take: (key, callId) => memory.take(key, callId),
    deleteExpired: () => memory.deleteExpired(),
    put: async (...args) => {
      replays.calls += 1;
      if (replays.down) throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
      return memory.put(...args);
    },
  };
  const dpop = createDpop({ store: { singleUse }, origin, clock, ...options });
  const setting = setUp({ dpop, deliver: 'body' }, core);
  let count = 0;
  return {
    ...setting,
    replays,
    wait: (ms) => {
      waited += ms;
      setting.wait(ms);
    },
    sent: async (prover, method, url, accessToken, { body, nonce, scheme = 'DPoP' } = {}) => {
      count += 1;
      const proof = await prover.prove({
        jti: `proof ${count}`,
        htm: method,
        htu: origin + url.split('?')[0],
        iat: Math.floor(clock() / 1_000),
        ...(nonce !== undefined && { nonce }),
        ...(accessToken !== undefined && { ath: athOf(accessToken) }),
      });
      const [headers, text] = body === undefined ? [{}, ''] : json(body);
      const authorization =
        accessToken === undefined ? {} : { authorization: `${scheme} ${accessToken}` };
      return request(method, url, { ...headers, ...authorization, dpop: proof }, text);
    },
    route: (sent) => {
      const found = setting.http.routes.find(
        ({ method, path }) => method === sent.method && path === sent.path,
      );
      if (!found) throw new Error(`no route ${sent.path}`);
      return found.handle(sent, {});
    },
  };
};
