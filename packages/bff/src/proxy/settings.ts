import type { Clock } from '@pawl/core';
import type { EventDraft } from '@pawl/core/internal';
import type { Proofs } from '../dpop-client/proofs.ts';
import type { ProxyEvent } from './events.ts';
import type { Limits } from './limits/create-limits.ts';
import type { OpenConnections } from './open-connections.ts';
import type { ProxyOptions } from './options.ts';
import type { RefusedTokens } from './refused-tokens.ts';
import type { Route } from './route-table.ts';

/** The validated options of the proxy, and the parts that requests and upgrades share. */
export interface ProxySettings {
  readonly options: ProxyOptions;
  readonly routes: readonly Route[];
  readonly proofs: Proofs;
  readonly refused: RefusedTokens;
  readonly open: OpenConnections;
  readonly limits: Limits;
  readonly clock: Clock;
  /** In ms: how long a client may neither send nor read. */
  readonly clientTimeout: number;
  /** In bytes. */
  readonly responseLimit: number;
  readonly addressHeader: string | null;
  readonly emit: (event: EventDraft<ProxyEvent>) => void;
}
