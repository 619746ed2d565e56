/** Tells, most of the time, whether a token was added before. */
export interface Doorkeeper {
  readonly has: (token: string) => boolean;
  readonly add: (token: string) => void;
}

/** Characters at the signature's end: 32 bits or more that differ from token to token. */
const sampled = 6;

/** Of 32 bits and never 0, which is what an empty place holds. */
const printOf = (token: string): number => {
  const { length } = token;
  let print = 0;
  for (let i = length - sampled; i < length; i++) {
    print = Math.imul(print + token.charCodeAt(i), 0x5bd1e995);
  }
  return print | 1;
};

/**
 * A table of fixed size that holds fingerprints of the last characters of
 * signatures. Nothing may rest on its answers, which anyone could arrange to be
 * wrong: they may only decide how much work is done.
 *
 * There are at least four places for each of the `limit` tokens that are to be
 * told from new ones, and they come in pairs, in which the one that was asked for
 * last comes first: of as many tokens in use at once, less than one in ten shares a
 * pair with two others and can get lost.
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
