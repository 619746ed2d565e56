import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from '@pawl/http';
import { readTarget } from '../path/request-target.ts';
import { invalidRequest, methodNotAllowed } from './failure.ts';
import { findRoute, type Route, upstreamPath } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

/** The route of a request, and its path at the API. */
export interface MatchedRoute {
  readonly route: Route;
  readonly path: string;
  readonly search: string;
}

/** Where a request goes; a refusal; or null if no route of the proxy matches. */
export type Destination = MatchedRoute | { readonly refusal: HttpResponse } | null;

/** Returns where a request goes, as far as its method and target tell. */
export const destinationOf = (
  { routes }: Pick<ProxySettings, 'routes'>,
  request: IncomingMessage,
): Destination => {
  const raw = rawTarget(request);
  const target = readTarget(raw);
  if (!target) return mayMatch(routes, raw) ? { refusal: invalidRequest } : null;
  const route = findRoute(routes, target.path);
  if (!route) return null;
  if (!route.methods.has(request.method ?? '')) return { refusal: methodNotAllowed(route.allow) };
  return { route, path: upstreamPath(route, target.path), search: target.search };
};

/** The URL as it was before a framework removed a mount path from it. */
const rawTarget = (request: IncomingMessage): string =>
  (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';

/** Whether any reader of an ambiguous path could match it to a route: then the proxy refuses it. */
const mayMatch = (routes: readonly Route[], raw: string): boolean => {
  const path = raw.split(/[?#]/, 1)[0] ?? '';
  const readings = [path];
  try {
    readings.push(decodeURIComponent(path));
  } catch {
    // A path that cannot be decoded is compared as it is.
  }
  return routes.some(({ prefix }) => readings.some((one) => one.startsWith(prefix || '/')));
};
