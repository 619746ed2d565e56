export {
  createSingleUseTokens,
  type SingleUseOptions,
  type SingleUseTokens,
} from './single-use/single-use.ts';
