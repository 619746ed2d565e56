export type {
  ClientAddressOptions,
  CookieOptions,
  CsrfOptions,
  Delivery,
  GuardOptions,
  HttpErrorCode,
  HttpEvent,
  HttpEventListener,
  HttpOptions,
  LoginOptions,
  LoginResponse,
  OAuthOptions,
  OpenApiInfo,
  RateLimitOptions,
  RateLimitPolicy,
} from '@pawl/http';
export { HttpError, isHttpError } from '@pawl/http';
export { type Auth, type AuthOf, isRefusedError, RefusedError } from '@pawl/http/binding';
export { createPawl, type FastifyPawl } from './pawl.ts';
