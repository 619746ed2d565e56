import { newRecord } from '../../src/store/record-changes.ts';
import type { SessionRecord } from '../../src/store/session-record.ts';
import { type Cast, type Decide, stepsFrom } from './steps.ts';
import {
  callBytes,
  firstToken,
  generationRecordOf,
  hashOf,
  isCurrent,
  type Token,
  type World,
} from './world.ts';

/** The result of an exploration. */
export interface Exploration {
  /** The number of different worlds. */
  readonly worlds: number;
  /** The steps to a broken rule, and the rule; null if no rule was broken. */
  readonly counterexample: readonly string[] | null;
}

const start = (): World => ({
  now: 0,
  record: newRecord(
    {
      sessionId: 's',
      userId: 'u',
      first: generationRecordOf(firstToken, 'first'),
      idleTimeout: 1e12,
      expiresAt: 1e12,
      deviceId: null,
      attributes: '{}',
      claims: '{}',
      data: '{}',
      callId: callBytes('create'),
    },
    0,
  ),
  snapshot: null,
  failedOver: false,
  jar: firstToken,
  thief: null,
  sent: [],
  replies: [],
  attempts: 0,
  lateGenerations: 0,
  lateNow: false,
  elevations: 0,
  calls: 0,
});

/**
 * Tries every order of steps, breadth first, so that the first counterexample is a shortest one.
 * Worlds between which no decision can distinguish count as one.
 */
export const explore = (cast: Cast, decide: Decide, depth: number): Exploration => {
  const first = start();
  const seen = new Set([keyOf(first)]);
  let layer: { readonly world: World; readonly path: readonly string[] }[] = [
    { world: first, path: [] },
  ];
  for (let level = 0; level < depth; level++) {
    const next: typeof layer = [];
    for (const { world, path } of layer) {
      for (const step of stepsFrom(world, cast, decide)) {
        if (step.broken !== undefined) {
          return { worlds: seen.size, counterexample: [...path, step.name, step.broken] };
        }
        const key = keyOf(step.world);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ world: step.world, path: [...path, step.name] });
      }
    }
    layer = next;
  }
  return { worlds: seen.size, counterexample: null };
};

/** In ms: longer than every period of the policy. Ages above it count as equal. */
const longAgo = 200_000;

const keyOf = (world: World): string => {
  const { now, record, snapshot } = world;
  const ageOf = (at: number | null): number | null =>
    at === null ? null : Math.min(now - at, longAgo);
  const recordKey = (one: SessionRecord): unknown[] => [
    record.generation - one.generation,
    one.floor === 0 ? null : one.generation - one.floor,
    one.confirmed,
    one.replays,
    one.strikes,
    one.lateRun,
    ageOf(one.rotatedAt),
    ageOf(one.lateReplayAt),
    ageOf(one.regressedAt),
    one.revokedReason,
    one.ring.length,
  ];
  /** Relates a token to the record: how many generations it is behind, and whether the record knows it. */
  const tokenKey = (token: Token | null): unknown => {
    if (token === null) return null;
    const behind = record.generation - token.generation;
    const known =
      behind === 0
        ? isCurrent(record, token)
        : String(record.ring.subarray(8 * (behind - 1), 8 * behind)) ===
          String(hashOf(token).subarray(0, 8));
    return [behind, known];
  };
  return JSON.stringify([
    recordKey(record),
    snapshot && recordKey(snapshot),
    world.failedOver,
    tokenKey(world.jar),
    tokenKey(world.thief),
    world.sent.map((sent) => [tokenKey(sent.token), sent.by, ageOf(sent.at)]),
    world.replies.map((reply) => [tokenKey(reply.token), reply.elevated, ageOf(reply.at)]),
    world.attempts,
    world.lateGenerations,
    world.lateNow,
    world.elevations,
  ]);
};
