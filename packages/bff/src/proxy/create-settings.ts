import { ConfigurationError, systemClock } from '@pawl/core';
import { assertOptions, createNotifier, type OptionNames } from '@pawl/core/internal';
import { createProofs } from '../dpop-client/proofs.ts';
import type { ProxyEvent } from './events.ts';
import type { AddedHeaders } from './headers/allowed-headers.ts';
import { createLimits } from './limits/create-limits.ts';
import { createOpenConnections } from './open-connections.ts';
import type { ProxyOptions, ProxyRoute } from './options.ts';
import { createRefusedTokens } from './refused-tokens.ts';
import { createRoutes, validateSize } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

const addedHeaderNames: OptionNames<AddedHeaders> = { requestHeaders: 1, responseHeaders: 1 };
const routeOptionNames: OptionNames<ProxyRoute> = {
  ...addedHeaderNames,
  path: 1,
  methods: 1,
  target: 1,
  rewrite: 1,
  public: 1,
  webSocket: 1,
  document: 1,
  timeout: 1,
  bodyLimit: 1,
};
const optionNames: OptionNames<ProxyOptions> = {
  ...addedHeaderNames,
  routes: 1,
  guard: 1,
  tokens: 1,
  sessions: 1,
  feed: 1,
  recheckInterval: 1,
  addressHeader: 1,
  clientAddress: 1,
  timeout: 1,
  idleTimeout: 1,
  connectTimeout: 1,
  bodyLimit: 1,
  responseLimit: 1,
  clientTimeout: 1,
  queueTimeout: 1,
  maxConnections: 1,
  maxPublicConnections: 1,
  maxUploads: 1,
  maxPerSession: 1,
  maxPerClient: 1,
  tls: { ca: 1, cert: 1, key: 1, passphrase: 1 },
  onEvent: 1,
  clock: 1,
};

const headerForm = /^[a-z\d-]{1,64}$/i;

/**
 * Validates the options of the proxy, and creates the parts that requests share.
 *
 * @throws ConfigurationError if an option is missing, invalid or contradicts another one
 */
export const createProxySettings = (options: ProxyOptions): ProxySettings => {
  assertOptions(options, optionNames);
  if (!Array.isArray(options.routes)) throw new ConfigurationError('routes', 'must be an array');
  for (const [index, route] of options.routes.entries()) {
    assertOptions(route, routeOptionNames, `routes[${index}].`);
  }
  const {
    clock = systemClock,
    recheckInterval = 30_000,
    addressHeader = 'x-forwarded-for',
  } = options;
  const { tokens, sessions, guard } = options;
  const types = {
    tokens: typeof tokens?.getUpstreamToken,
    sessions: typeof sessions?.get,
    guard: typeof guard,
  };
  for (const [option, type] of Object.entries(types)) {
    if (type !== 'function') throw new ConfigurationError(option, 'is required');
  }
  if (!(recheckInterval >= 1_000 && recheckInterval <= 3_600_000)) {
    throw new ConfigurationError('recheckInterval', 'must be from 1,000 to 3,600,000 ms');
  }
  if (addressHeader !== false && !headerForm.test(addressHeader)) {
    throw new ConfigurationError('addressHeader', 'must be the name of a header, or false');
  }
  const responseLimit = validateSize('responseLimit', options.responseLimit ?? 100 * 1_048_576);
  const { clientTimeout = 20_000 } = options;
  if (!(clientTimeout >= 100 && clientTimeout <= 3_600_000)) {
    throw new ConfigurationError('clientTimeout', 'must be from 100 to 3,600,000 ms');
  }
  const emit = createNotifier<ProxyEvent>(options.onEvent, clock);
  const limits = createLimits(options, () =>
    emit({ type: 'client.unknown', route: '', reason: 'clientAddress' }),
  );
  const routes = createRoutes(options);
  return {
    options,
    routes,
    proofs: createProofs(clock),
    refused: createRefusedTokens(clock),
    open: createOpenConnections(options, recheckInterval, clock),
    limits,
    clock,
    clientTimeout,
    responseLimit,
    addressHeader: addressHeader === false ? null : addressHeader,
    emit,
  };
};
