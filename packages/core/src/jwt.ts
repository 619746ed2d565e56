export {
  type AccessTokenInput,
  type AccessTokens,
  type AccessTokensOptions,
  createAccessTokens,
} from './access-token/access-tokens.ts';
export { type JwtAccessTokenOptions, jwtAccessTokens } from './access-token/jwt.ts';
export type { SigningAlgorithm } from './jwt/algorithm.ts';
export type { JsonWebKeySet, PublicJwk } from './jwt/jwks.ts';
export { createJwt, type Jwt, type JwtOptions } from './jwt/jwt.ts';
export type { LegacyKey, LegacyTokenOptions } from './jwt/legacy.ts';
export type { JwtClaimsInput, JwtPayload } from './jwt/payload.ts';
export {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningJwk,
  type SigningKey,
} from './jwt/signing-key.ts';
export type { VerifiedJwt } from './jwt/verify.ts';
