import type { IncomingMessage } from 'node:http';
import { ConfigurationError, systemClock } from '@pawl/core';
import { errorResponse, type HttpResponse, nodeRequest } from '@pawl/http';
import { createProofs, type Proofs } from '../dpop-client/proofs.ts';
import { readTarget } from '../path/request-target.ts';
import { createProxyEmitter, type ProxyEventListener } from './events.ts';
import { invalidRequest, methodNotAllowed } from './failure.ts';
import { canonicalName } from './headers/hop-by-hop.ts';
import { requestHeaders } from './headers/request-headers.ts';
import { createOpenConnections, type OpenConnections } from './open-connections.ts';
import type { ProxyOptions } from './options.ts';
import { checkedSize, createRoutes, findRoute, type Route, upstreamPath } from './route-table.ts';

/** What requests and upgrades work with. */
export interface ProxySettings {
  readonly options: ProxyOptions;
  readonly routes: readonly Route[];
  readonly proofs: Proofs;
  readonly open: OpenConnections;
  readonly responseLimit: number;
  readonly addressHeader: string | null;
  /** Canonical names of what is only ever ours to send. */
  readonly ours: ReadonlySet<string>;
  readonly emit: ProxyEventListener;
}

const headerForm = /^[a-z\d-]{1,64}$/i;

/** @throws ConfigurationError, naming the option. */
export const createProxySettings = (options: ProxyOptions): ProxySettings => {
  const {
    clock = systemClock,
    recheckInterval = 30_000,
    addressHeader = 'x-forwarded-for',
  } = options;
  const { tokens, sessions, guard } = options;
  const given = {
    tokens: typeof tokens?.getUpstreamToken,
    sessions: typeof sessions?.get,
    guard: typeof guard,
  };
  for (const [option, type] of Object.entries(given)) {
    if (type !== 'function') throw new ConfigurationError(option, 'is needed');
  }
  if (!(recheckInterval >= 1_000 && recheckInterval <= 3_600_000)) {
    throw new ConfigurationError('recheckInterval', 'must be from 1,000 to 3,600,000 ms');
  }
  if (addressHeader !== false && !headerForm.test(addressHeader)) {
    throw new ConfigurationError('addressHeader', 'must be the name of a header, or false');
  }
  const responseLimit = checkedSize('responseLimit', options.responseLimit ?? 100 * 1_048_576);
  const routes = createRoutes(options);
  return {
    options,
    routes,
    proofs: createProofs(clock),
    open: createOpenConnections(options, recheckInterval, clock),
    responseLimit,
    addressHeader: addressHeader === false ? null : addressHeader,
    ours: new Set(addressHeader === false ? [] : [canonicalName(addressHeader)]),
    emit: createProxyEmitter(options.onEvent),
  };
};

/** The URL before a framework cut a mount path off it. */
const rawTarget = (request: IncomingMessage): string =>
  (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';

/** What a request is for, as far as its first line tells; a refusal; or null: none of our routes. */
export type Destination =
  | { readonly route: Route; readonly path: string; readonly search: string }
  | { readonly refusal: HttpResponse }
  | null;

export const destinationOf = ({ routes }: ProxySettings, request: IncomingMessage): Destination => {
  const raw = rawTarget(request);
  const target = readTarget(raw);
  if (!target) return isMeantForUs(routes, raw) ? { refusal: invalidRequest } : null;
  const route = findRoute(routes, target.path);
  if (!route) return null;
  if (!route.methods.has(request.method ?? '')) return { refusal: methodNotAllowed(route.allow) };
  return { route, path: upstreamPath(route, target.path), search: target.search };
};

/** A path that no two readers agree on is ours to refuse, if any of them would take it for ours. */
const isMeantForUs = (routes: readonly Route[], raw: string): boolean => {
  const path = raw.split(/[?#]/, 1)[0] ?? '';
  const read = [path];
  try {
    read.push(decodeURIComponent(path));
  } catch {
    // What cannot be decoded is looked at as it is.
  }
  return routes.some(({ prefix }) => read.some((one) => one.startsWith(prefix || '/')));
};

/** The answer to an error of Pawl's. @throws the error itself, where HTTP has no answer to it. */
export const refusalOf = (error: unknown): HttpResponse => {
  const response = errorResponse(error);
  if (!response) throw error;
  return response;
};

const peerAddress = ({ socket }: IncomingMessage): string | undefined => {
  const { remoteAddress } = socket;
  return remoteAddress?.startsWith('::')
    ? remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '')
    : remoteAddress;
};

/** The headers of every try, the credentials left out. */
export const commonHeaders = (
  { options, addressHeader, ours }: ProxySettings,
  request: IncomingMessage,
): string[] => {
  const headers = requestHeaders(request, ours);
  if (addressHeader !== null) {
    const { clientAddress } = options;
    const address = clientAddress ? clientAddress(nodeRequest(request)) : peerAddress(request);
    if (address !== undefined) headers.push(addressHeader, address);
  }
  return headers;
};
