/** Tells, with some errors, whether a token was added before. */
export interface Doorkeeper {
  readonly has: (token: string) => boolean;
  readonly add: (token: string) => void;
}

/** The number of characters at the end of the signature that make the fingerprint: 32 bits or more. */
const sampled = 6;

/** Returns 32 bits, never 0: an empty place contains 0. */
const printOf = (token: string): number => {
  const { length } = token;
  let print = 0;
  for (let i = length - sampled; i < length; i++) {
    print = Math.imul(print + token.charCodeAt(i), 0x5bd1e995);
  }
  return print | 1;
};

/**
 * Creates a table of fixed size with fingerprints of the last characters of signatures. Clients can
 * provoke wrong results, so use them only to decide how much work to do.
 *
 * There are at least four places per token for `limit` tokens. Places come in pairs, and the
 * fingerprint that was used last comes first: of `limit` tokens in use at the same time, less than one
 * in ten shares a pair with two others and can get lost.
 */
export const createDoorkeeper = (limit: number): Doorkeeper => {
  const places = 2 ** Math.ceil(Math.log2(limit * 4));
  const table = new Int32Array(places);
  // The upper bits of a product are the better mixed ones.
  const pairOf = (print: number): number => (print ^ (print >>> 15)) & (places - 2);

  const putFirst = (pair: number, print: number): void => {
    table[pair + 1] = table[pair] as number;
    table[pair] = print;
  };
  return {
    has: (token) => {
      const print = printOf(token);
      const pair = pairOf(print);
      if (table[pair] === print) return true;
      if (table[pair + 1] !== print) return false;
      putFirst(pair, print);
      return true;
    },
    add: (token) => {
      const print = printOf(token);
      const pair = pairOf(print);
      if (table[pair] !== print) putFirst(pair, print);
    },
  };
};
