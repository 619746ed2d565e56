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
export { type Auth, type AuthOf } from '@pawl/http/binding';
export { createPawl, type HonoPawl } from './pawl.ts';
