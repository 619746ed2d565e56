import { ConfigurationError } from '@pawl/core';
import { Pool } from 'undici';
import { readTarget } from '../path/request-target.ts';
import { Deadlines } from './deadlines.ts';
import type { ProxyOptions, ProxyRoute } from './options.ts';

/** A route that was checked. */
export interface Route {
  /** Without a slash at its end; empty for the root. */
  readonly prefix: string;
  readonly methods: ReadonlySet<string>;
  /** For `Allow`. */
  readonly allow: string;
  readonly origin: string;
  /** The target's own path, without a slash at its end. */
  readonly base: string;
  readonly rewrite: ((path: string) => string) | undefined;
  readonly isPublic: boolean;
  readonly webSocket: boolean;
  readonly deadlines: Deadlines;
  readonly bodyLimit: number;
  readonly pool: Pool;
}

const methodForm = /^[A-Z]+$/;
/** A tunnel is not to be had, and an echo of the request would show the token. */
const refusedMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/** @throws ConfigurationError, naming the option. */
export const createRoutes = (options: ProxyOptions): readonly Route[] => {
  const { timeout = 60_000, bodyLimit = 10 * 1_048_576 } = options;
  const pools = createPools(options);
  const routes = options.routes.map((route, index) => {
    const named = (option: string): string => `routes[${index}].${option}`;
    const methods = checkedMethods(named('methods'), route.methods);
    const { origin, base } = checkedTarget(named('target'), route.target);
    if (route.public && route.webSocket) {
      throw new ConfigurationError(named('webSocket'), 'needs a session: it cannot be public');
    }
    if (route.webSocket && !methods.has('GET')) {
      throw new ConfigurationError(named('webSocket'), 'needs GET among the methods');
    }
    return {
      prefix: checkedPrefix(named('path'), route.path),
      methods,
      allow: [...methods].join(', '),
      origin,
      base,
      rewrite: route.rewrite,
      isPublic: route.public === true,
      webSocket: route.webSocket === true,
      deadlines: new Deadlines(checkedTime(named('timeout'), route.timeout ?? timeout, Infinity)),
      bodyLimit: checkedSize(named('bodyLimit'), route.bodyLimit ?? bodyLimit),
      pool: pools(origin),
    };
  });
  if (new Set(routes.map(({ prefix }) => prefix)).size < routes.length) {
    throw new ConfigurationError('routes', 'two of them have the same path');
  }
  // The longest first: the first that fits is the one.
  return routes.toSorted((one, other) => other.prefix.length - one.prefix.length);
};

const createPools = (options: ProxyOptions): ((origin: string) => Pool) => {
  const { maxConnections = 128, tls = {} } = options;
  const idleTimeout = checkedTime('idleTimeout', options.idleTimeout ?? 30_000);
  const connectTimeout = checkedTime('connectTimeout', options.connectTimeout ?? 5_000);
  if (!Number.isInteger(maxConnections) || maxConnections < 1) {
    throw new ConfigurationError('maxConnections', 'must be a whole number, 1 or more');
  }
  const pools = new Map<string, Pool>();
  return (origin) => {
    const known =
      pools.get(origin) ??
      new Pool(origin, {
        connections: maxConnections,
        allowH2: false,
        headersTimeout: idleTimeout,
        bodyTimeout: idleTimeout,
        connect: { ...tls, timeout: connectTimeout },
      });
    pools.set(origin, known);
    return known;
  };
};

const checkedPrefix = (option: string, path: string): string => {
  const target = typeof path === 'string' ? readTarget(path) : null;
  if (!target || target.search !== '' || target.path !== path) {
    throw new ConfigurationError(option, 'must be a path that begins with /');
  }
  return path.endsWith('/') ? path.slice(0, -1) : path;
};

const checkedMethods = (option: string, methods: ProxyRoute['methods']): ReadonlySet<string> => {
  if (!Array.isArray(methods) || methods.length === 0) {
    throw new ConfigurationError(option, 'must name at least one method');
  }
  for (const method of methods) {
    if (typeof method !== 'string' || !methodForm.test(method) || refusedMethods.has(method)) {
      throw new ConfigurationError(option, 'must be methods in upper case, not CONNECT nor TRACE');
    }
  }
  return new Set(methods);
};

const checkedTarget = (option: string, target: string): { origin: string; base: string } => {
  const url = typeof target === 'string' && URL.canParse(target) ? new URL(target) : null;
  const rest = url && target.startsWith(url.origin) ? target.slice(url.origin.length) : null;
  const path = rest === null ? null : readTarget(rest || '/');
  if (!url || !/^https?:$/.test(url.protocol) || !path || path.search !== '') {
    throw new ConfigurationError(option, 'must be a URL without a query, in its normal form');
  }
  return { origin: url.origin, base: path.path.replace(/\/$/, '') };
};

const checkedTime = (option: string, ms: number, most = 86_400_000): number => {
  if (!(ms >= 1 && ms <= most)) throw new ConfigurationError(option, 'must be 1 ms or more');
  return ms;
};

/** In bytes. */
export const checkedSize = (option: string, size: number): number => {
  if (!(size >= 0)) throw new ConfigurationError(option, 'must be 0 bytes or more');
  return size;
};

/** The route of a path in its normal form, or undefined. */
export const findRoute = (routes: readonly Route[], path: string): Route | undefined =>
  routes.find(
    ({ prefix }) =>
      path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'),
  );

/**
 * The path at the API. What a `rewrite` answers is read like any other path: it is
 * made from what the client sent.
 *
 * @throws TypeError where a `rewrite` answers anything but a normal path
 */
export const upstreamPath = ({ prefix, base, rewrite }: Route, path: string): string => {
  const rest = path.slice(prefix.length);
  if (!rewrite) return base + rest || '/';
  const rewritten: unknown = rewrite(rest || '/');
  const target = typeof rewritten === 'string' ? readTarget(rewritten) : null;
  if (!target || target.search !== '') throw new TypeError('rewrite must answer a normal path');
  return base + target.path;
};
