export {
  createDpop,
  type Dpop,
  type DpopOptions,
  type DpopProof,
  type DpopRequest,
} from './dpop/dpop.ts';
export { DpopError, type DpopRefusal } from './dpop/dpop-error.ts';
export type { DpopNonceOptions } from './dpop/nonce.ts';
export type { DpopAlgorithm } from './dpop/public-key.ts';
