import { createDpop, type Dpop, type DpopOptions, type DpopRequest } from '../../src/dpop/dpop.ts';
import { isDpopError } from '../../src/dpop/dpop-error.ts';
import type { HeaderValue } from '../../src/request.ts';
import { createMemoryStore } from '../memory-store.ts';
import { athOf, type Prover } from './proofs.ts';

export const origin = 'https://api.example.com';
/** In ms: the initial time. */
export const start = 1_700_000_000_000;
export const accessToken = 'pawl_at_anything';
export const secret = 'a root secret of quite enough random bytes: 0123456789';

interface Setting {
  readonly dpop: Dpop;
  /** In ms. */
  readonly wait: (ms: number) => void;
}

/** A verifier of proofs with a store in memory, and a clock that only moves when told. */
export const setUp = (options: Partial<DpopOptions> = {}): Setting => {
  let now = start;
  const clock = (): number => now;
  const store = createMemoryStore({ clock });
  return {
    dpop: createDpop({ store, origin, clock, ...options }),
    wait: (ms) => {
      now += ms;
    },
  };
};

export const request = (proof: HeaderValue, method = 'GET', path = '/notes'): DpopRequest => ({
  method,
  path,
  header: (name) => (name === 'dpop' ? proof : undefined),
});

/** Returns why a proof is refused, or `accepted`. Rejects for any other error. */
export const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && isDpopError(error)) return error.refusal;
    throw error;
  }
  return 'accepted';
};

/** Returns the claims of a valid proof for `request`. */
export const good = (): Record<string, unknown> => ({
  jti: 'one',
  htm: 'GET',
  htu: `${origin}/notes`,
  iat: start / 1_000,
  ath: athOf(accessToken),
});

/** Returns the same without one claim. */
export const without = (name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(good()).filter(([key]) => key !== name));

/** A title, why the proof is refused, and how a client makes it. */
export type Forgery = [string, string, (prover: Prover) => HeaderValue | Promise<HeaderValue>];
