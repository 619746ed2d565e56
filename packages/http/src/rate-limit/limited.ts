import { refusal } from '../answering.ts';
import type { HttpContext } from '../context.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse, Refusal } from '../response.ts';
import type { HttpRoute } from '../routes/route.ts';
import type { Limit } from './rate-limits.ts';

/** What a limit says. `response` is to be sent as it is, `headers` go onto any other answer. */
export type RateLimitOutcome =
  | { readonly kind: 'passed'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly response: Refusal };

type AnyContext = HttpContext<unknown, unknown>;

/** Counts a request: 429 where there were too many, 503 where nobody can tell. */
export const checkLimit = async (
  context: AnyContext,
  name: string,
  limit: Limit,
  request: HttpRequest,
): Promise<RateLimitOutcome> => {
  try {
    const { allowed, headers, client } = await limit(request);
    if (allowed) return { kind: 'passed', headers };
    context.emit({ type: 'rate.limited', route: name, client });
    const error = new HttpError('ERR_RATE_LIMITED', 'there were too many requests');
    return { kind: 'refused', response: refusal(context, error, { headers }) };
  } catch (error) {
    return { kind: 'refused', response: refusal(context, error) };
  }
};

/** Work that is done only if a limit lets it; its answer tells of the limit. */
export type Limited = <Response extends HttpResponse>(
  request: HttpRequest,
  work: () => Promise<Response>,
) => Promise<Response | Refusal>;

/** The limit of a route; without one, just the work. */
export const limited = (context: AnyContext, name: string): Limited => {
  const limit = context.rateLimits?.limit(name);
  if (!limit) return (_request, work) => work();
  return async (request, work) => {
    const outcome = await checkLimit(context, name, limit, request);
    if (outcome.kind === 'refused') return outcome.response;
    const response = await work();
    return { ...response, headers: { ...response.headers, ...outcome.headers } };
  };
};

/** A route within its limit. */
export const limitedRoute = (context: AnyContext, route: HttpRoute): HttpRoute => {
  const limit = limited(context, route.name);
  return {
    ...route,
    handle: (request, parameters) => limit(request, () => route.handle(request, parameters)),
  };
};
