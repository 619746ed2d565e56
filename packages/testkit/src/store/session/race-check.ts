import type { SessionRecord } from '@pawl/core/store';
import { byText, canonical } from '../../harness/compare.ts';
import { perform, type SessionCall } from './call.ts';
import { SessionModel } from './model.ts';
import { readAll, type SessionTrial } from './trial.ts';

const times = new Set(['createdAt', 'rotatedAt', 'lastActiveAt', 'age', 'now']);
/** When something happened, if it did. */
const moments = new Set(['revokedAt', 'lateReplayAt', 'regressedAt']);

/**
 * An answer as far as it can be foretold: all of it where the clock is
 * injected, else without times. The order of ids that were ended is nobody's
 * business, and how many sessions a sweep removed depends on earlier tests.
 */
export const predictablePart = (t: SessionTrial, call: SessionCall, answer: unknown): unknown => {
  if (call.verb === 'deleteExpired' || call.verb === 'touch') return null;
  return sortIds(t.clock ? answer : withoutTimes(answer));
};

/** A set of records, comparableRecords as {@link predictablePart} answers are. */
export const comparableRecords = (t: SessionTrial, records: Iterable<SessionRecord>): unknown[] =>
  Array.from(records)
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1))
    .map((record) => (t.clock ? record : withoutTimes(record)));

const withoutTimes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !times.has(key))
      .map(([key, part]) => [key, moments.has(key) ? part !== null : withoutTimes(part)]),
  );
};

const sortIds = (answer: unknown): unknown => {
  if (typeof answer !== 'object' || answer === null) return answer;
  const sorted = Object.entries(answer).map(([key, part]) =>
    (key === 'revoked' || key === 'evicted') && Array.isArray(part)
      ? [key, part.map(String).toSorted(byText)]
      : [key, part],
  );
  return Object.fromEntries(sorted);
};

/**
 * Makes the calls at the same time, on two nodes in turn, and holds the answers
 * and the records afterwards to what they would be in *one* of the orders.
 */
export const race = async (
  t: SessionTrial,
  ids: readonly string[],
  calls: readonly SessionCall[],
): Promise<void> => {
  const before = new SessionModel(await readAll(t, ids));
  const now = t.now();
  const answers = await Promise.all(
    calls.map((call, i) => perform((i % 2 === 0 ? t.store : t.second).sessions, call)),
  );
  const created = calls.flatMap((call) => (call.verb === 'create' ? call.session.sessionId : []));
  const seen = {
    answers: calls.map((call, i) => predictablePart(t, call, answers[i])),
    records: comparableRecords(t, await readAll(t, new Set([...ids, ...created]))),
  };
  const legal = orders(calls.length).map((order) => {
    const model = before.copy();
    const foretold: unknown[] = [];
    for (const i of order) {
      const call = calls[i] as SessionCall;
      foretold[i] = predictablePart(t, call, model.apply(call, now, answers[i]));
    }
    return { answers: foretold, records: comparableRecords(t, model.records.values()) };
  });
  const text = canonical(seen);
  if (legal.some((outcome) => canonical(outcome) === text)) return;
  t.same(seen, legal[0], 'what happened is not what any order of the calls would do');
};

const orders = (length: number): number[][] => {
  if (length === 0) return [[]];
  return orders(length - 1).flatMap((order) =>
    Array.from({ length }, (_, at) => order.toSpliced(at, 0, length - 1)),
  );
};
