export type { ClientAddressOptions } from './client-address/client-address.ts';
export type {
  CookieOptions,
  CookiePairOptions,
  SessionCookieOptions,
  TokenCookieOptions,
} from './cookies/policy.ts';
export type { CsrfOptions, CsrfRefusal } from './csrf/verdict.ts';
export type { TokenBody } from './delivery.ts';
export { errorResponse, type RefusalDetails } from './errors.ts';
export type { HttpEvent, HttpEventListener } from './events.ts';
export type { Guard, GuardCallOptions, GuardOptions, GuardOutcome } from './guard.ts';
export type { GuardCallback, GuardCallbacks, GuardProblem, GuardReply } from './guard-callbacks.ts';
export { createHttp, type Http, type RequestLimiter } from './http.ts';
export { HttpError, type HttpErrorCode, isHttpError } from './http-error.ts';
export type { LoginTokens } from './issuer/issuer.ts';
export type { LoginOptions, LoginResponse } from './login.ts';
export { type NodeRequest, nodeRequest } from './node/request.ts';
export { type NodeResponse, sendNode } from './node/response.ts';
export { upgradeRefusal } from './node/upgrade.ts';
export type { AuthenticateClient, OAuthOptions } from './oauth/options.ts';
export type { OpenApiInfo } from './openapi/info.ts';
export type { OpenApiObject } from './openapi/operation.ts';
export type { Delivery, HttpOptions } from './options.ts';
export type { LimitOutcome } from './rate-limit/limit-runner.ts';
export type { RateLimitOptions } from './rate-limit/options.ts';
export type { RateLimitPolicy } from './rate-limit/policy.ts';
export type { HeaderValue, HttpRequest } from './request.ts';
export type { HttpResponse, Refusal } from './response.ts';
export type { HttpRoute } from './routes/route.ts';
export { webRequest, webResponse } from './web.ts';
