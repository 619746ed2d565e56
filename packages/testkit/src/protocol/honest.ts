import assert from 'node:assert/strict';
import {
  createSessions,
  generateSecret,
  isPawlError,
  type PawlErrorCode,
  presets,
  type Sessions,
} from '@pawl/core';
import type { SessionRecord, SessionStore } from '@pawl/core/store';
import fc, { type Arbitrary, type Scheduler } from 'fast-check';
import type { TestClock } from '../harness/clock.ts';
import { type Fault, interleavedStore } from './interleaved-store.ts';

/** One of several requests that a browser sends at the same time. */
interface BrowserRequest {
  readonly node: number;
  /** `page`: its response can carry a cookie; `socket`: it cannot; `step_up`: the user authenticates again. */
  readonly kind: 'page' | 'socket' | 'step_up';
  /** The number of moments until the response arrives: 0 for the same one, more for a slow handler. */
  readonly respondsIn: number | 'never';
}

/** The requests that a browser sends at one moment. */
interface Moment {
  /** In ms: the time since the previous moment. */
  readonly wait: number;
  readonly requests: readonly BrowserRequest[];
}

/** The life of a browser on a bad network, with a store whose driver sends calls again. */
export interface HonestLife {
  readonly moments: readonly Moment[];
  readonly faults: readonly Fault[];
}

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const waits = [
  0,
  second,
  10 * second,
  11 * second,
  ...[61, 61, 125, 125].map((seconds) => seconds * second),
  ...[3, 4, 5, 9, 9, 10, 10, 10, 11].map((minutes) => minutes * minute),
  hour,
  24 * hour,
];

const aRequest = (respondsIn: readonly BrowserRequest['respondsIn'][]): Arbitrary<BrowserRequest> =>
  fc.record({
    node: fc.nat(1),
    kind: fc.constantFrom<BrowserRequest['kind']>(
      ...Array<'page'>(12).fill('page'),
      'socket',
      'step_up',
    ),
    respondsIn: fc.constantFrom(...respondsIn),
  });

const requests = (
  respondsIn: readonly BrowserRequest['respondsIn'][],
): Arbitrary<BrowserRequest[]> => fc.array(aRequest(respondsIn), { minLength: 1, maxLength: 4 });

export const honestLives: Arbitrary<HonestLife> = fc.record({
  moments: fc.array(
    fc.record({
      wait: fc.constantFrom(...waits),
      requests: fc.oneof(
        { weight: 3, arbitrary: requests([0, 0, 0, 1, 2]) },
        // The network is interrupted.
        { weight: 1, arbitrary: requests(['never']) },
      ),
    }),
    { minLength: 4, maxLength: 16, size: 'max' },
  ),
  faults: fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.constant<Fault>('none') },
      fc.constantFrom<Fault>('sent_again', 'reply_lost', 'not_sent'),
    ),
    { maxLength: 60 },
  ),
});

/** A response with a cookie that is not sent yet. */
interface Response {
  readonly refreshToken: string;
  readonly decidedAt: number;
}

const { maxLateRun, rotateAfter } = presets.default;

/**
 * Runs the life of one honest browser without a thief. Late replays in too many generations in a row may
 * end its session, because a thief who rotates first looks the same. Nothing else may, whatever is lost
 * and in whatever order requests and responses arrive.
 */
export const runHonestLife = async (
  life: HonestLife,
  scheduler: Scheduler,
  stores: readonly SessionStore[],
  clock: TestClock,
): Promise<void> => {
  const faults = [...life.faults];
  const secrets = [generateSecret()];
  const start = (sessions: SessionStore): Sessions<object, object> =>
    createSessions<object, object>({ store: { sessions }, secrets, clock: clock.now });
  const [observer] = stores as readonly [SessionStore];
  const login = await start(observer).create({ userId: 'owner' });
  const nodes = stores.map((store) => start(interleavedStore(store, scheduler, faults)));
  let jar = login.refreshToken;
  const late = new Map<number, Response[]>();

  const receive = (response: Response): void => {
    // A response that is sent too late carries no token.
    if (clock.now() - response.decidedAt <= rotateAfter / 2) jar = response.refreshToken;
  };
  const request = async (moment: number, { node, kind, respondsIn }: BrowserRequest) => {
    await scheduler.schedule(Promise.resolve(), `${kind} is sent`);
    const response = await send(nodes[node % nodes.length] as Sessions<object, object>, kind, jar);
    if (!response || respondsIn === 'never') return;
    if (respondsIn > 0) {
      late.set(moment + respondsIn, [...(late.get(moment + respondsIn) ?? []), response]);
      return;
    }
    await scheduler.schedule(Promise.resolve(), `the response to ${kind} arrives`);
    receive(response);
  };

  for (const [index, { wait, requests }] of life.moments.entries()) {
    await clock.advance(wait);
    for (const response of late.get(index) ?? []) receive(response);
    await scheduler.waitFor(Promise.all(requests.map((one) => request(index, one))));
    await scheduler.waitFor(Promise.all(nodes.map((node) => node.drain())));
    const record = await read(observer, login.sessionId);
    if (record.revokedAt === null) continue;
    assert.equal(record.revokedReason, 'reuse_detected', 'an honest session ended');
    assert.ok(record.lateRun >= maxLateRun, 'an honest session ended without enough late replays');
    return;
  }
};

/** Errors that are no failure of the protocol: the browser retries, or the user logs in again. */
const expected: readonly PawlErrorCode[] = [
  'ERR_STORE_UNAVAILABLE',
  'ERR_REFRESH_RETRY',
  'ERR_REUSE_DETECTED',
  'ERR_SESSION_REVOKED',
  'ERR_SESSION_EXPIRED',
  'ERR_SESSION_CONFLICT',
  'ERR_TOKEN_INVALID',
];

const send = async (
  node: Sessions<object, object>,
  kind: BrowserRequest['kind'],
  jar: string,
): Promise<Response | null> => {
  try {
    const { auth, renewed } = await node.resume(jar, { canRenew: kind !== 'socket' });
    if (kind !== 'step_up') return renewed;
    const { refreshToken } = await node.elevate(auth.sessionId ?? '');
    return { refreshToken, decidedAt: Number.POSITIVE_INFINITY };
  } catch (error) {
    if (isPawlError(error) && expected.includes(error.code)) return null;
    throw error;
  }
};

const read = async (store: SessionStore, sessionId: string): Promise<SessionRecord> => {
  const found = await store.find(sessionId);
  assert.ok(found, 'the session is missing');
  return found.record;
};
