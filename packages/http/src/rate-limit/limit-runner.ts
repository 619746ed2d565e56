import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { createRefusal } from '../respond-to-errors.ts';
import type { HttpResponse, Refusal } from '../response.ts';
import type { HttpRoute } from '../routes/route.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { unknownClient } from './client-key.ts';
import type { Limit } from './rate-limits.ts';

/** The result of a limit. Send `response` as it is; add `headers` to your own response. */
export type LimitOutcome =
  | { readonly kind: 'passed'; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly response: Refusal };

/** Counts a request: 429 if there were too many, 503 if the store failed. */
export const countRequest = async (
  settings: AnyHttpSettings,
  name: string,
  limit: Limit,
  request: HttpRequest,
): Promise<LimitOutcome> => {
  const { waitUntil } = request;
  try {
    const { allowed, headers, client } = await limit(request);
    if (client === unknownClient) tellOnce(settings, name, request);
    if (allowed) return { kind: 'passed', headers };
    settings.emit({ type: 'rate.limited', route: name, client }, waitUntil);
    const error = new HttpError('ERR_RATE_LIMITED', 'too many requests');
    return { kind: 'refused', response: createRefusal(settings, error, { headers, waitUntil }) };
  } catch (error) {
    return { kind: 'refused', response: createRefusal(settings, error, { waitUntil }) };
  }
};

/** The limits of each service that have met a client without an address. */
const told = new WeakMap<object, Set<string>>();

const tellOnce = (settings: AnyHttpSettings, name: string, { waitUntil }: HttpRequest): void => {
  const names = told.get(settings) ?? new Set();
  if (names.has(name)) return;
  told.set(settings, names.add(name));
  settings.emit({ type: 'address.unknown', route: name }, waitUntil);
};

/** Runs the work only if the limit allows it, and adds the limit's headers to the response. */
export type LimitRunner = <Response extends HttpResponse>(
  request: HttpRequest,
  work: () => Promise<Response>,
) => Promise<Response | Refusal>;

/** Creates the runner for a limit. Without a limit of this name it only runs the work. */
export const createLimitRunner = (settings: AnyHttpSettings, name: string): LimitRunner => {
  const limit = settings.rateLimits?.limit(name);
  if (!limit) return (_request, work) => work();
  return async (request, work) => {
    const outcome = await countRequest(settings, name, limit, request);
    if (outcome.kind === 'refused') return outcome.response;
    const response = await work();
    return { ...response, headers: { ...response.headers, ...outcome.headers } };
  };
};

/** Returns a route that is limited by the policy of its name. */
export const limitRoute = (settings: AnyHttpSettings, route: HttpRoute): HttpRoute => {
  const limit = createLimitRunner(settings, route.name);
  return {
    ...route,
    handle: (request, parameters) => limit(request, () => route.handle(request, parameters)),
  };
};
