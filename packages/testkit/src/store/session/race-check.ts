import { isBytes } from '@pawl/core/internal';
import type { SessionRecord } from '@pawl/core/store';
import { byText, canonicalText } from '../../harness/compare.ts';
import { perform, type SessionCall } from './call.ts';
import { SessionModel } from './model.ts';
import { readAll, type SessionTrial } from './trial.ts';

const times = new Set(['createdAt', 'rotatedAt', 'lastActiveAt', 'age', 'now']);
/** Times that are null until something happens. */
const moments = new Set(['revokedAt', 'lateReplayAt', 'regressedAt']);

/**
 * Returns the part of a result that can be predicted: all of it with an injected clock, else all but
 * times. Ended ids are sorted, because a store may return them in any order. The result of
 * `deleteExpired` is dropped, because it depends on earlier tests.
 */
export const predictablePart = (t: SessionTrial, call: SessionCall, result: unknown): unknown => {
  if (call.verb === 'deleteExpired' || call.verb === 'touch') return null;
  return sortIds(t.clock ? result : withoutTimes(result));
};

/** Returns the predictable part of records, sorted by id. */
export const comparableRecords = (t: SessionTrial, records: Iterable<SessionRecord>): unknown[] =>
  Array.from(records)
    .sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1))
    .map((record) => (t.clock ? record : withoutTimes(record)));

/** Fields of a record that hold a time on the store's clock, or null. */
const recordTimes = [
  'createdAt',
  'rotatedAt',
  'lastActiveAt',
  'revokedAt',
  'lateReplayAt',
  'regressedAt',
] as const;

/** What was read before calls, and when they began and ended. */
export interface Period {
  readonly before: ReadonlyMap<string, SessionRecord>;
  readonly begin: number;
  readonly end: number;
}

/** Checks that the times which calls return or write lie between their begin and their end. */
export const checkTimes = (
  t: SessionTrial,
  { before, begin, end }: Period,
  results: readonly unknown[],
  records: readonly SessionRecord[],
): void => {
  for (const result of results) {
    const now = (result as { now?: unknown } | null | undefined)?.now;
    if (now !== undefined) t.between(now, begin, end, 'the time of a result');
  }
  for (const record of [...results.flatMap(recordsOf), ...records]) {
    const known = before.get(record.sessionId);
    for (const name of recordTimes) {
      const time = record[name];
      if (time !== null && time !== known?.[name]) t.between(time, begin, end, name);
    }
  }
};

const recordsOf = (result: unknown): SessionRecord[] => {
  const { record, records } = (result ?? {}) as {
    readonly record?: SessionRecord;
    readonly records?: SessionRecord[];
  };
  return [...(record ? [record] : []), ...(records ?? [])];
};

const withoutTimes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null || isBytes(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !times.has(key))
      .map(([key, part]) => [key, moments.has(key) ? part !== null : withoutTimes(part)]),
  );
};

const sortIds = (result: unknown): unknown => {
  if (typeof result !== 'object' || result === null) return result;
  const sorted = Object.entries(result).map(([key, part]) =>
    (key === 'revoked' || key === 'evicted') && Array.isArray(part)
      ? [key, part.map(String).toSorted(byText)]
      : [key, part],
  );
  return Object.fromEntries(sorted);
};

/**
 * Makes the calls at the same time on alternating nodes. Checks that the results, and the records
 * afterwards, are those of the calls made one after another in some order.
 */
export const checkRace = async (
  t: SessionTrial,
  ids: readonly string[],
  calls: readonly SessionCall[],
): Promise<void> => {
  const before = new SessionModel(await readAll(t, ids));
  const now = t.now();
  const results = await Promise.all(
    calls.map((call, i) => perform((i % 2 === 0 ? t.store : t.second).sessions, call)),
  );
  const end = t.now();
  const created = calls.flatMap((call) => (call.verb === 'create' ? call.session.sessionId : []));
  const records = await readAll(t, new Set([...ids, ...created]));
  checkTimes(t, { before: before.records, begin: now, end }, results, records);
  const actual = {
    results: calls.map((call, i) => predictablePart(t, call, results[i])),
    records: comparableRecords(t, records),
  };
  const allowed = orders(calls.length).map((order) => {
    const model = before.copy();
    const predicted: unknown[] = [];
    for (const i of order) {
      const call = calls[i] as SessionCall;
      predicted[i] = predictablePart(t, call, model.apply(call, now, results[i]));
    }
    return { results: predicted, records: comparableRecords(t, model.records.values()) };
  });
  const text = canonicalText(actual);
  if (allowed.some((outcome) => canonicalText(outcome) === text)) return;
  t.same(
    actual,
    allowed[0],
    'the results match no order of the calls; compared with the first one',
  );
};

const orders = (length: number): number[][] => {
  if (length === 0) return [[]];
  return orders(length - 1).flatMap((order) =>
    Array.from({ length }, (_, at) => order.toSpliced(at, 0, length - 1)),
  );
};
