import { ConfigurationError, systemClock } from '@pawl/core';
import { createNotifier } from '@pawl/core/internal';
import { createProofs } from '../dpop-client/proofs.ts';
import type { ProxyEvent } from './events.ts';
import { createLimits } from './limits/create-limits.ts';
import { createOpenConnections } from './open-connections.ts';
import type { ProxyOptions } from './options.ts';
import { createRefusedTokens } from './refused-tokens.ts';
import { createRoutes, validateSize } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

const headerForm = /^[a-z\d-]{1,64}$/i;

/**
 * Validates the options of the proxy, and creates the parts that requests share.
 *
 * @throws ConfigurationError if an option is missing, invalid or contradicts another one
 */
export const createProxySettings = (options: ProxyOptions): ProxySettings => {
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
