import type { PawlEvent, RotationEvidence } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import { createWatch, type Watch } from './watch.ts';

const subject = { sessionId: 's', userId: 'u' };
const evidence: RotationEvidence = {
  presented: 1,
  current: 2,
  age: 0,
  replays: 0,
  strikes: 0,
  lateRun: 0,
};

const watchAt = (isTolerant = false): { watch: Watch; pass: (ms: number) => void } => {
  let now = 0;
  const watch = createWatch({
    clock: () => now,
    maxLateRun: 3,
    gracePeriod: 10_000,
    isTolerant,
  });
  return { watch, pass: (ms) => (now += ms) };
};

const rotated: PawlEvent = { type: 'session.rotated', at: 0, evidence, ...subject };
const replayed: PawlEvent = { type: 'session.replayed', at: 0, evidence, late: true, ...subject };
const reuse: PawlEvent = { type: 'reuse.detected', at: 0, evidence, ...subject };

/** A rotation, and a replay of it after a minute. */
const lateGeneration = ({ watch, pass }: ReturnType<typeof watchAt>): void => {
  watch.onEvent(rotated);
  pass(60_000);
  watch.onEvent(replayed);
};

describe('the watch', () => {
  it('counts generations in a row with a late replay, and reports a run that goes on', () => {
    const watched = watchAt();
    lateGeneration(watched);
    lateGeneration(watched);
    watched.watch.onEvent(rotated);
    watched.watch.onEvent(rotated);
    expect(watched.watch.runs()).toEqual([undefined, undefined, 1]);
    expect(watched.watch.broken()).toEqual([]);
    lateGeneration(watched);
    // Two in one generation count once.
    watched.pass(60_000);
    watched.watch.onEvent(replayed);
    lateGeneration(watched);
    expect(watched.watch.broken()).toEqual([]);
    lateGeneration(watched);
    expect(watched.watch.broken()).toEqual(['late replays in 3 generations in a row went on']);
    expect(watched.watch.tally).toMatchObject({ rotated: 7, replayed: 6, late: 6 });
  });

  it('knows why a session ended', () => {
    const { watch } = watchAt();
    watch.onEvent({ ...reuse, evidence: { ...evidence, lateRun: 3, cause: 'late_run' } });
    expect(watch.ending()).toMatchObject({ cause: 'late_run' });
    expect(watch.runs()[3]).toBe(1);
    const other = watchAt().watch;
    other.onEvent(reuse);
    expect(other.ending()).toMatchObject({ cause: 'consumed' });
  });

  it('reports what is accepted after the end', () => {
    const { watch } = watchAt();
    watch.onEvent(reuse);
    watch.present('a').accepted();
    expect(watch.broken()).toEqual(['a token was accepted after the end of its session']);
  });

  it('reports two successors of one token', () => {
    const { watch } = watchAt();
    watch.present('a').handedOut('b');
    watch.present('a').handedOut('b');
    expect(watch.broken()).toEqual([]);
    watch.present('a').handedOut('c');
    expect(watch.broken()).toEqual(['a token had two successors']);
  });

  it('reports a consumed token that is exchanged although its successor is in use', () => {
    const strict = watchAt(false).watch;
    const tolerant = watchAt(true);
    for (const watch of [strict, tolerant.watch]) {
      watch.present('a').handedOut('b');
      watch.present('b').accepted();
      watch.present('a').handedOut('b');
    }
    const failure = 'a consumed token was exchanged although its successor was in use';
    expect(strict.broken()).toEqual([failure]);
    expect(tolerant.watch.broken()).toEqual([]);
    tolerant.pass(10_001);
    tolerant.watch.present('a').handedOut('b');
    expect(tolerant.watch.broken()).toEqual([failure]);
  });
});
