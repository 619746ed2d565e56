import { applyDecision } from '../../src/store/apply-rotation.ts';
import { applyElevation, applyTouch } from '../../src/store/record-changes.ts';
import type { DecidedRotation, RotationDecision, RotationInput } from '../../src/store/rotation.ts';
import type { SessionRecord } from '../../src/store/session-record.ts';
import {
  callBytes,
  generationRecordOf,
  hashOf,
  isCurrent,
  maxInFlight,
  policy,
  type Sent,
  successorOf,
  type Token,
  type World,
} from './world.ts';

/** The function under test, or one with a row that is wrong on purpose. */
export type Decide = (record: SessionRecord, input: RotationInput, now: number) => RotationDecision;

/** What the model has besides one client with two tabs and a bad network. */
export interface Cast {
  readonly thief?: boolean;
  readonly failOver?: boolean;
  readonly stepUp?: boolean;
  readonly logout?: boolean;
}

/** One step, with its name in a counterexample and the rule that it breaks, if any. */
export interface Step {
  readonly name: string;
  readonly world: World;
  readonly broken?: string;
}

/** In ms: just beyond the grace, the settle and the strike period. */
const timeSteps = [11_000, 61_000, 121_000];

/** Returns every step that is possible in a world. */
export const stepsFrom = (world: World, cast: Cast, decide: Decide): Step[] => [
  ...pass(world),
  ...send(world, cast),
  ...world.sent.flatMap((sent, index) => arrive(world, index, sent, cast, decide)),
  ...world.replies.flatMap((_, index) => deliver(world, index)),
  ...use(world),
  ...(cast.stepUp ? elevate(world) : []),
  ...(cast.logout ? logOut(world) : []),
  ...(cast.failOver ? failOver(world) : []),
];

/** Time passes. A request or reply that is in flight for too long is lost. */
const pass = (world: World): Step[] =>
  timeSteps.map((ms) => {
    const now = world.now + ms;
    const inFlight = <T extends { readonly at: number }>(all: readonly T[]): T[] =>
      all.filter(({ at }) => now - at <= maxInFlight);
    return {
      name: `${ms / 1_000} s pass`,
      world: { ...world, now, sent: inFlight(world.sent), replies: inFlight(world.replies) },
    };
  });

const maxParallel = 2;
/** Below every limit of the policy, so that no honest client reaches one. */
const maxAttempts = 3;

const send = (world: World, { thief }: Cast): Step[] => {
  if (world.sent.length >= maxParallel) return [];
  const steps: Step[] = [];
  const by = (who: Sent['by'], token: Token): World => ({
    ...world,
    calls: world.calls + 1,
    sent: [...world.sent, { token, by: who, callId: `${world.calls}`, at: world.now }],
  });
  if (world.attempts < maxAttempts) {
    const sent = { ...by('client', world.jar), attempts: world.attempts + 1 };
    steps.push({ name: `the client sends ${world.jar.generation}`, world: sent });
  }
  if (!thief) return steps;
  if (world.thief === null) {
    steps.push({ name: 'a thief copies the jar', world: { ...world, thief: world.jar } });
  } else {
    const { generation } = world.thief;
    steps.push({ name: `the thief sends ${generation}`, world: by('thief', world.thief) });
  }
  return steps;
};

const present = (
  world: World,
  { token, callId }: Sent,
  decide: Decide,
): { readonly decision: RotationDecision; readonly outcome: DecidedRotation } => {
  const input: RotationInput = {
    sessionId: 's',
    generation: token.generation,
    tokenHash: hashOf(token),
    next: generationRecordOf(successorOf(token, callId), callId),
    callId: callBytes(callId),
    policy,
  };
  const decision = decide(world.record, input, world.now);
  return { decision, outcome: applyDecision(world.record, decision, input, world.now) };
};

/** A request arrives and is decided. Its driver sends the command again, as if the reply was lost. */
const arrive = (world: World, index: number, sent: Sent, cast: Cast, decide: Decide): Step[] => {
  const { outcome } = present(world, sent, decide);
  const { kind, record } = outcome;
  const name = `${sent.token.generation} of the ${sent.by} arrives: ${kind}`;
  const rest = world.sent.filter((_, other) => other !== index);
  const broken =
    brokenBy(world, sent, outcome, cast) ?? brokenByRepeat(world, sent, outcome, decide);
  const token = tokenFrom(world, sent, outcome);
  const after: World = { ...countLateness(world, sent, outcome), record, sent: rest };
  if (broken !== undefined) return [{ name, world: after, broken }];
  const stored = record === world.record ? after : { ...after, snapshot: world.record };
  if (token === null) return [{ name, world: stored }];
  if (sent.by === 'thief') return [{ name, world: { ...stored, thief: token } }];
  // The response to `settled` sets no cookie: the jar may have a newer one.
  if (kind === 'settled') return [{ name, world: stored }];
  const reply = { token, at: world.now, elevated: false };
  return [
    { name, world: { ...stored, replies: [...stored.replies, reply].slice(-maxParallel) } },
    { name: `${name}, and the reply is lost`, world: stored },
  ];
};

/** Returns the token of the response, found as the server finds it. */
const tokenFrom = (
  world: World,
  { token, callId }: Sent,
  outcome: DecidedRotation,
): Token | null => {
  switch (outcome.kind) {
    case 'rotated':
      return successorOf(token, callId);
    case 'settled':
      return token;
    case 'replayed': {
      const known = [world.jar, world.thief, ...world.replies.map((reply) => reply.token)];
      const current = known.find((one) => one !== null && isCurrent(outcome.record, one));
      return current ?? lineOf(world, token, outcome.record);
    }
    default:
      return null;
  }
};

/** Derives the successor again: one of the calls so far has created it. */
const lineOf = (world: World, token: Token, record: SessionRecord): Token | null => {
  for (let call = 0; call < world.calls; call++) {
    const derived = successorOf(token, `${call}`);
    if (isCurrent(record, derived)) return derived;
  }
  return null;
};

const countLateness = (
  world: World,
  { token }: Sent,
  { kind, age, record }: DecidedRotation,
): World => {
  if (kind === 'rotated' && record !== world.record) {
    return { ...world, lateGenerations: world.lateNow ? world.lateGenerations : 0, lateNow: false };
  }
  const late = token.generation === record.generation - 1 && age > policy.gracePeriod;
  if (!late || world.lateNow || kind === 'retry') return world;
  return { ...world, lateGenerations: world.lateGenerations + 1, lateNow: true };
};

/** Returns the rule that a decision breaks, if any. */
const brokenBy = (
  world: World,
  { token }: Sent,
  { kind, record }: DecidedRotation,
  { thief, failOver: failsOver }: Cast,
): string | undefined => {
  const before = world.record;
  const behind = before.generation - token.generation;
  const issued = kind === 'rotated' || kind === 'settled' || kind === 'replayed';
  const ended = before.revokedAt === null && record.revokedAt !== null;
  const age = world.now - Math.max(before.rotatedAt, before.lateReplayAt ?? 0);
  if (before.revokedAt !== null && issued) return 'I3: nothing is accepted after a revocation';
  if (issued && behind < 0) return 'a token that is newer than the record is never accepted';
  if (issued && behind > 1) return 'I4: an older token never gets a token';
  const consumedLongAgo = behind === 1 && before.confirmed && age > policy.gracePeriod;
  if (issued && consumedLongAgo && record !== before && record.generation === before.generation) {
    return 'I4: a consumed token gets none after the grace period if its successor is confirmed';
  }
  if (record.expiresAt !== before.expiresAt) return 'I6: nothing changes the absolute expiry';
  if (token.generation < before.floor) {
    if (issued) return 'a token that a step-up has replaced gets no token';
    if (ended && kind !== 'lost') return 'a token that a step-up has replaced ends no session';
  }
  const theft = ended && (kind === 'reuse_detected' || kind === 'fork');
  if (theft && failsOver && world.failedOver && !thief) return 'a lost write is never a theft';
  const run = world.lateGenerations + (world.lateNow ? 0 : 1);
  const isRun = kind === 'reuse_detected' && behind === 1 && run >= policy.maxLateRun;
  if (theft && !thief && !failsOver && !isRun) return 'an honest client is never ended as a thief';
  const latest = behind === 1 && !before.confirmed && age > policy.gracePeriod && !world.lateNow;
  if (issued && latest && run >= policy.maxLateRun) return 'RT-12: a run of late replays ends';
  if (behind > 1 && !issued && !ended && thief && before.revokedAt === null && known(before)) {
    return 'RT-02: an older token ends the session';
  }
  if (
    before.regressedAt !== null &&
    !ended &&
    world.now - before.regressedAt >= policy.regressionPeriod
  ) {
    return 'a regression ends';
  }
  if (before.regressedAt === null && behind < 0 && record.regressedAt === null && !ended) {
    return 'a regression is recorded, so that it ends';
  }
  return undefined;
};

/** Returns whether there was neither a step-up nor a lost write. */
const known = (record: SessionRecord): boolean => record.floor === 0 && record.regressedAt === null;

/** RT-14: a call that is sent again gets the same outcome and writes nothing. */
const brokenByRepeat = (
  world: World,
  sent: Sent,
  outcome: DecidedRotation,
  decide: Decide,
): string | undefined => {
  const again = present({ ...world, record: outcome.record }, sent, decide).outcome;
  if (again.kind !== outcome.kind) {
    return `RT-14: sent again it is ${again.kind}, after ${outcome.kind}`;
  }
  return again.record === outcome.record ? undefined : 'RT-14: sent again it writes again';
};

/** A reply reaches the jar. */
const deliver = (world: World, index: number): Step[] => {
  const { token, elevated } = world.replies[index] as (typeof world.replies)[number];
  const replies = world.replies.filter((_, other) => other !== index);
  const after = { ...world, replies, jar: token, attempts: 0 };
  const name = `${token.generation} reaches the jar`;
  const back = token.generation < world.jar.generation && !elevated && world.record.floor === 0;
  return [{ name, world: after, ...(back && { broken: 'RT-13: a jar never goes back' }) }];
};

/** The client uses the access token of its current generation, which confirms it. */
const use = (world: World): Step[] => {
  const { record, jar, now } = world;
  if (!isCurrent(record, jar) || record.confirmed || record.revokedAt !== null) return [];
  const touched = applyTouch(record, jar.generation, now);
  return [{ name: `the client uses ${jar.generation}`, world: { ...world, record: touched } }];
};

const elevate = (world: World): Step[] => {
  const { record, jar, now, elevations, calls } = world;
  if (elevations > 0 || !isCurrent(record, jar)) return [];
  const token = { line: `step-up ${elevations}`, generation: record.generation + 1 };
  const next = generationRecordOf(token, 'step-up');
  const input = { generation: record.generation, next, attributes: '{}', callId: callBytes('up') };
  const decided = applyElevation(record, input, now);
  if (decided.kind !== 'written') return [];
  const after: World = { ...world, record: decided.record, elevations: 1, calls };
  const replies = [...world.replies, { token, at: now, elevated: true }].slice(-maxParallel);
  return [
    { name: 'a step-up', world: { ...after, replies } },
    { name: 'a step-up, and the reply is lost', world: after },
  ];
};

const logOut = (world: World): Step[] => {
  const { record, now } = world;
  if (record.revokedAt !== null) return [];
  const ended = { revokedAt: now, revokedReason: 'logout', revokedBy: callBytes('logout') };
  return [{ name: 'a logout', world: { ...world, record: { ...record, ...ended } } }];
};

/** The store loses its last write. */
const failOver = (world: World): Step[] => {
  if (world.failedOver || world.snapshot === null) return [];
  const after = { ...world, record: world.snapshot, snapshot: null, failedOver: true };
  return [{ name: 'the store loses its last write', world: after }];
};
