import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '@pawl/core';
import type { ProxyOptions } from '../options.ts';
import { type ClientKey, createClientKey } from './client-key.ts';
import { Concurrency, type Leave } from './concurrency.ts';

/** How many connections to one API each kind of request may use. */
export interface ConnectionLimits {
  readonly session: number;
  readonly public: number;
}

/** The limits that keep one client from costing others. */
export interface Limits {
  /** Lets a request in, or makes it wait. @throws ExchangeEnded `too_many_requests` */
  readonly enter: (request: IncomingMessage, sessionId: string | null) => Leave | Promise<Leave>;
  /** Lets the body of a request in, to be read. @throws ExchangeEnded `too_many_requests` */
  readonly enterBody: Limits['enter'];
  /** Lets a WebSocket in. @throws ExchangeEnded `too_many_requests` */
  readonly enterSocket: (sessionId: string) => Leave | Promise<Leave>;
  /** The number of sessions and clients with requests in progress. */
  readonly size: () => number;
}

/** How many bodies may be read per place: they take memory, but no connection. */
const bodiesPerPlace = 4;

/** In ms: how long a request waits for the others of its session or client. */
const maxWait = 5_000;

const defaultConnections = 128;
const defaultPerSession = 24;
const defaultPerClient = 64;

const validateCount = (option: string, value: number, max: number, name: string): number => {
  if (!Number.isInteger(value) || value < 1) {
    throw new ConfigurationError(option, 'must be a whole number, 1 or more');
  }
  if (value > max) throw new ConfigurationError(option, `must not exceed ${name}, ${max}`);
  return value;
};

const atLeastOne = (value: number): number => Math.max(1, Math.floor(value));

/** Returns how many connections there may be to one API. @throws ConfigurationError */
export const connectionLimits = (options: ProxyOptions): ConnectionLimits => {
  const { maxConnections = defaultConnections } = options;
  const session = validateCount('maxConnections', maxConnections, 1_000_000, 'a million');
  const { maxPublicConnections = atLeastOne(session / 4) } = options;
  return {
    session,
    public: validateCount('maxPublicConnections', maxPublicConnections, 1_000_000, 'a million'),
  };
};

/** Returns how many connections streamed bodies may use. @throws ConfigurationError */
export const uploadLimit = (
  options: ProxyOptions,
  connections: number,
  session: number,
): number => {
  const { maxUploads = atLeastOne(session / 4) } = options;
  validateCount('maxUploads', maxUploads, session, 'maxConnections');
  return Math.min(maxUploads, atLeastOne(connections / 2));
};

/** @throws ConfigurationError */
export const createLimits = (options: ProxyOptions, onUnknown: () => void): Limits => {
  const connections = connectionLimits(options);
  const half = atLeastOne(connections.session / 2);
  const { maxPerSession = Math.min(defaultPerSession, half) } = options;
  const { maxPerClient = Math.min(defaultPerClient, half) } = options;
  validateCount('maxPerSession', maxPerSession, connections.session, 'maxConnections');
  validateCount('maxPerClient', maxPerClient, connections.session, 'maxConnections');
  const create = (limit: number, wait = maxWait): Concurrency =>
    new Concurrency({ limit, maxWait: wait, reason: 'too_many_requests' });
  const ofSession = create(maxPerSession);
  const ofClient = create(maxPerClient);
  const ofPublic = create(Math.min(maxPerClient, atLeastOne(connections.public / 2)));
  // An open WebSocket does not end soon, so another one does not wait for it.
  const sockets = create(maxPerSession, 0);
  const bodiesOfSession = create(maxPerSession * bodiesPerPlace, 0);
  const bodiesOfClient = create(maxPerClient * bodiesPerPlace, 0);
  const keyOf: ClientKey = createClientKey(options, onUnknown);
  return {
    enter: (request, sessionId) => {
      const client = keyOf(request);
      const rooms: [Concurrency, string][] = [];
      if (sessionId !== null) rooms.push([ofSession, sessionId]);
      if (client !== null) rooms.push([sessionId === null ? ofPublic : ofClient, client]);
      return enterAll(rooms);
    },
    enterBody: (request, sessionId) => {
      const client = keyOf(request);
      if (sessionId !== null) return bodiesOfSession.enter(sessionId);
      return client === null ? () => {} : bodiesOfClient.enter(client);
    },
    enterSocket: (sessionId) => sockets.enter(sessionId),
    size: () =>
      [ofSession, ofClient, ofPublic, bodiesOfSession, bodiesOfClient, sockets].reduce(
        (sum, { size }) => sum + size,
        0,
      ),
  };
};

/** Enters one after the other; synchronously where there is room. */
const enterAll = (rooms: readonly [Concurrency, string][]): Leave | Promise<Leave> => {
  const places: Leave[] = [];
  const leave: Leave = () => {
    for (const one of places) one();
  };
  for (const [index, [room, key]] of rooms.entries()) {
    const place = room.enter(key);
    if (typeof place !== 'function') {
      return enterRest(place, rooms.slice(index + 1), places, leave);
    }
    places.push(place);
  }
  return leave;
};

const enterRest = async (
  first: Promise<Leave>,
  rest: readonly [Concurrency, string][],
  places: Leave[],
  leave: Leave,
): Promise<Leave> => {
  try {
    places.push(await first);
    for (const [room, key] of rest) places.push(await room.enter(key));
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
};
