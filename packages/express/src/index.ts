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
export type { Auth, AuthOf } from '@pawl/http/binding';
export { isRefusedError, RefusedError } from '@pawl/http/binding';
export { createPawl, type ExpressPawl } from './pawl.ts';
export type { AnyRequest, Middleware } from './request.ts';
