export {
  createSingleUseTokens,
  type SingleUseBinding,
  type SingleUseOptions,
  type SingleUseTokens,
} from './single-use/single-use.ts';
