import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyRing, rootSecret } from '../test/roots.ts';
import { createEmitter, sessionRef } from './emitter.ts';
import type { PawlEvent, PawlEventListener } from './events.ts';

const id = 'AAAAAAAAAAAAAAAAAAAAAAAA';
const keys = keyRing();

describe('an emitter', () => {
  const reported = vi.spyOn(console, 'error');
  beforeEach(() => void reported.mockImplementation(() => {}));
  afterEach(() => void reported.mockReset());

  it('dates an event and hashes the id of its session', () => {
    const heard: PawlEvent[] = [];
    const emit = createEmitter(
      (event) => heard.push(event),
      keys,
      () => 1_234,
    );
    emit({ type: 'session.created', sessionId: id, userId: 'ann' });
    emit({ type: 'token.refused', kind: 'refresh', reason: 'forged' });
    expect(heard).toStrictEqual([
      {
        type: 'session.created',
        sessionId: id,
        userId: 'ann',
        at: 1_234,
        sessionRef: sessionRef(id, keys),
      },
      { type: 'token.refused', kind: 'refresh', reason: 'forged', at: 1_234 },
    ]);
  });

  it('does nothing without a listener', () => {
    const emit = createEmitter(undefined, keys, () => expect.fail('the clock was asked'));
    emit({ type: 'session.missed', sessionId: id });
  });

  it('reports and drops what a listener throws', () => {
    const failure = new Error('a bug');
    const emit = createEmitter(
      () => {
        throw failure;
      },
      keys,
      () => 0,
    );
    emit({ type: 'session.missed', sessionId: id });
    expect(reported).toHaveBeenCalledExactlyOnceWith(expect.any(String), failure);
  });

  it('reports and drops what an asynchronous listener throws', async () => {
    const failure = new Error('a bug');
    const unhandled = vi.fn<(error: unknown) => void>();
    process.on('unhandledRejection', unhandled);
    const listener = (() => Promise.reject(failure)) as PawlEventListener;
    createEmitter(listener, keys, () => 0)({ type: 'session.missed', sessionId: id });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(reported).toHaveBeenCalledExactlyOnceWith(expect.any(String), failure);
  });
});

describe('the reference of a session in a log', () => {
  it('SE-07: is keyed: the same on every node, useless to who has not the root', () => {
    expect(sessionRef(id, keys)).toBe(sessionRef(id, keyRing()));
    expect(sessionRef(id, keys)).toMatch(/^[\w-]{16}$/);
    expect(sessionRef(id, keys)).not.toBe(sessionRef(id, keyRing(rootSecret('two'))));
    expect(sessionRef('BAAAAAAAAAAAAAAAAAAAAAAA', keys)).not.toBe(sessionRef(id, keys));
  });
});
