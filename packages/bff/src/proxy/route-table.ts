import { ConfigurationError } from '@pawl/core';
import { Pool } from 'undici';
import { readTarget } from '../path/request-target.ts';
import { Deadlines } from './deadlines.ts';
import { type AllowedHeaders, createAllowedHeaders } from './headers/allowed-headers.ts';
import { Concurrency } from './limits/concurrency.ts';
import { connectionLimits, uploadLimit } from './limits/create-limits.ts';
import type { ProxyOptions, ProxyRoute } from './options.ts';

/** A validated route. */
export interface Route {
  /** Without a trailing slash; empty for the root. */
  readonly prefix: string;
  readonly methods: ReadonlySet<string>;
  /** The value of the `Allow` header. */
  readonly allow: string;
  readonly origin: string;
  /** The path of the target, without a trailing slash. */
  readonly base: string;
  readonly rewrite: ((path: string) => string) | undefined;
  readonly isPublic: boolean;
  readonly webSocket: boolean;
  /** Whether responses are pages of this origin. */
  readonly isDocument: boolean;
  readonly headers: AllowedHeaders;
  readonly deadlines: Deadlines;
  /** How long an exchange waits for a connection. */
  readonly connecting: Deadlines<'busy'>;
  /** How many connections carry bodies that are streamed. */
  readonly uploads: Concurrency;
  readonly bodyLimit: number;
  readonly pool: Pool;
}

const methodForm = /^[A-Z]+$/;
/** CONNECT is not supported; TRACE would echo the access token. */
const unsupportedMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE']);

/** Validates the routes, and sorts them by prefix, the longest first. @throws ConfigurationError */
export const createRoutes = (options: ProxyOptions): readonly Route[] => {
  const { timeout = 60_000, bodyLimit = 10 * 1_048_576 } = options;
  const { addressHeader = 'x-forwarded-for' } = options;
  const pools = createPools(options);
  const { queueTimeout = 10_000 } = options;
  const connecting = new Deadlines(validateTime('queueTimeout', queueTimeout), 'busy' as const);
  const routes = options.routes.map((route, index) => {
    const optionName = (option: string): string => `routes[${index}].${option}`;
    const methods = validateMethods(optionName('methods'), route.methods);
    const { origin, base } = validateTarget(optionName('target'), route.target);
    if (route.public && route.webSocket) {
      throw new ConfigurationError(
        optionName('webSocket'),
        'requires a session, so the route cannot be public',
      );
    }
    if (route.webSocket && !methods.has('GET')) {
      throw new ConfigurationError(optionName('webSocket'), 'requires GET among the methods');
    }
    return {
      prefix: validatePrefix(optionName('path'), route.path),
      methods,
      allow: [...methods].join(', '),
      origin,
      base,
      rewrite: route.rewrite,
      isPublic: route.public === true,
      webSocket: route.webSocket === true,
      isDocument: route.document === true,
      headers: createAllowedHeaders(
        [
          ['', options],
          [optionName(''), route],
        ],
        route.document === true,
        addressHeader === false ? null : addressHeader.toLowerCase(),
      ),
      deadlines: new Deadlines(
        validateTime(optionName('timeout'), route.timeout ?? timeout, Infinity),
        'timeout' as const,
      ),
      connecting,
      bodyLimit: validateSize(optionName('bodyLimit'), route.bodyLimit ?? bodyLimit),
      ...pools(origin, route.public === true),
    };
  });
  if (new Set(routes.map(({ prefix }) => prefix)).size < routes.length) {
    throw new ConfigurationError('routes', 'two routes have the same path');
  }
  // The longest first, so that the first match is the right one.
  return routes.toSorted((one, other) => other.prefix.length - one.prefix.length);
};

/** The connections to one API, of one kind of requests. */
type Connections = Pick<Route, 'pool' | 'uploads'>;

/** Public routes have connections of their own, so that strangers take none from sessions. */
const createPools = (
  options: ProxyOptions,
): ((origin: string, isPublic: boolean) => Connections) => {
  const { tls = {}, queueTimeout = 10_000 } = options;
  const limits = connectionLimits(options);
  const idleTimeout = validateTime('idleTimeout', options.idleTimeout ?? 30_000);
  const connectTimeout = validateTime('connectTimeout', options.connectTimeout ?? 5_000);
  const pools = new Map<string, Connections>();
  return (origin, isPublic) => {
    const key = `${origin} ${isPublic}`;
    const connections = isPublic ? limits.public : limits.session;
    const known = pools.get(key) ?? {
      pool: new Pool(origin, {
        connections,
        allowH2: false,
        headersTimeout: idleTimeout,
        bodyTimeout: idleTimeout,
        connect: { ...tls, timeout: connectTimeout },
      }),
      uploads: new Concurrency({
        limit: uploadLimit(options, connections, limits.session),
        maxWait: queueTimeout,
        reason: 'busy',
      }),
    };
    pools.set(key, known);
    return known;
  };
};

const validatePrefix = (option: string, path: string): string => {
  const target = typeof path === 'string' ? readTarget(path) : null;
  if (!target || target.search !== '' || target.path !== path) {
    throw new ConfigurationError(option, 'must be a path that begins with /');
  }
  return path.endsWith('/') ? path.slice(0, -1) : path;
};

const validateMethods = (option: string, methods: ProxyRoute['methods']): ReadonlySet<string> => {
  if (!Array.isArray(methods) || methods.length === 0) {
    throw new ConfigurationError(option, 'must name at least one method');
  }
  for (const method of methods) {
    if (typeof method !== 'string' || !methodForm.test(method) || unsupportedMethods.has(method)) {
      throw new ConfigurationError(
        option,
        'must be methods in upper case, without CONNECT and TRACE',
      );
    }
  }
  return new Set(methods);
};

const validateTarget = (option: string, target: string): { origin: string; base: string } => {
  const url = typeof target === 'string' && URL.canParse(target) ? new URL(target) : null;
  const rest = url && target.startsWith(url.origin) ? target.slice(url.origin.length) : null;
  const path = rest === null ? null : readTarget(rest || '/');
  if (!url || !/^https?:$/.test(url.protocol) || !path || path.search !== '') {
    throw new ConfigurationError(option, 'must be a normalized http or https URL without a query');
  }
  return { origin: url.origin, base: path.path.replace(/\/$/, '') };
};

const validateTime = (option: string, ms: number, max = 86_400_000): number => {
  if (!(ms >= 1 && ms <= max)) throw new ConfigurationError(option, 'must be 1 ms or more');
  return ms;
};

/** The size is in bytes. */
export const validateSize = (option: string, size: number): number => {
  if (!(size >= 0)) throw new ConfigurationError(option, 'must be 0 bytes or more');
  return size;
};

/** Returns the route of a normalized path, or undefined. */
export const findRoute = (routes: readonly Route[], path: string): Route | undefined =>
  routes.find(
    ({ prefix }) =>
      path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/'),
  );

/**
 * Returns the path at the API. The result of `rewrite` is validated like a path of the client,
 * because it is made from one.
 *
 * @throws TypeError if `rewrite` returns anything but a normalized path
 */
export const upstreamPath = ({ prefix, base, rewrite }: Route, path: string): string => {
  const rest = path.slice(prefix.length);
  if (!rewrite) return base + rest || '/';
  const rewritten: unknown = rewrite(rest || '/');
  const target = typeof rewritten === 'string' ? readTarget(rewritten) : null;
  if (!target || target.search !== '') throw new TypeError('rewrite must return a normalized path');
  return base + target.path;
};
