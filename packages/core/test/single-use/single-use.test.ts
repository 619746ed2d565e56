import {
  createSingleUseTokens,
  type SingleUseOptions,
  type SingleUseTokens,
} from '@pawl/core/single-use';
import type { SingleUseStore } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import { codeOf, deploy, errorOf, minute, secrets } from '../deployment.ts';
import { rootSecret } from '../roots.ts';
import { type Watched, watch } from '../watched.ts';

interface Made {
  readonly tokens: SingleUseTokens<unknown>;
  readonly store: Watched<SingleUseStore>;
  readonly pass: (ms: number) => void;
  readonly another: (options?: Partial<SingleUseOptions>) => SingleUseTokens<unknown>;
}

const setUp = (): Made => {
  const { store: memory, now, pass } = deploy();
  const store = watch(memory.singleUse);
  const another = (options: Partial<SingleUseOptions> = {}): SingleUseTokens<unknown> =>
    createSingleUseTokens({
      store: { singleUse: store.part },
      secrets,
      purpose: 'oauth-state',
      lifetime: 10 * minute,
      clock: now,
      ...options,
    });
  return { tokens: another(), store, pass, another };
};

const invalid = 'ERR_TOKEN_INVALID';

describe('a single-use token', () => {
  it('D5: returns its payload exactly once', async () => {
    const { tokens } = setUp();
    for (const payload of [{ returnTo: '/a' }, 'text', 0, false, null, [1], { a: { b: [] } }]) {
      const token = await tokens.issue(payload);
      expect(token).toMatch(/^pawl_su_[\w-]{104}$/);
      expect(await tokens.take(token)).toStrictEqual(payload);
      expect(await codeOf(tokens.take(token))).toBe(invalid);
    }
  });

  it('TOC-01: returns its payload to exactly one of 64 calls at once', async () => {
    const { tokens } = setUp();
    const token = await tokens.issue('once');
    const results = await Promise.allSettled(Array.from({ length: 64 }, () => tokens.take(token)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('expires after its lifetime', async () => {
    const { tokens, pass } = setUp();
    const [early, late] = [await tokens.issue('a'), await tokens.issue('b')];
    pass(10 * minute - 1);
    expect(await tokens.take(early)).toBe('a');
    pass(1);
    expect(await codeOf(tokens.take(late))).toBe(invalid);
  });

  it('D5: is valid only for its purpose and binding, and a wrong one does not consume it', async () => {
    const { tokens, another } = setUp();
    const token = await tokens.issue('payload', { binding: 'cookie' });
    for (const binding of [undefined, '', 'other', 'cookie ', 'Cookie']) {
      expect(await codeOf(tokens.take(token, { binding }))).toBe(invalid);
    }
    for (const purpose of ['magic-link', 'oauth-stat', 'oauth-state2']) {
      expect(await codeOf(another({ purpose }).take(token, { binding: 'cookie' }))).toBe(invalid);
    }
    expect(await tokens.take(token, { binding: 'cookie' })).toBe('payload');
    const unbound = await tokens.issue('payload');
    expect(await codeOf(tokens.take(unbound, { binding: 'cookie' }))).toBe(invalid);
    expect(await tokens.take(unbound)).toBe('payload');
  });

  it('keeps purpose and binding apart: no characters move from one to the other', async () => {
    const { another } = setUp();
    const token = await another({ purpose: 'ab' }).issue('payload', { binding: 'c' });
    expect(await codeOf(another({ purpose: 'a' }).take(token, { binding: 'bc' }))).toBe(invalid);
    expect(await codeOf(another({ purpose: 'abc' }).take(token, { binding: '' }))).toBe(invalid);
  });

  it('costs no store call if it is garbage, forged or expired', async () => {
    const { tokens, store, another, pass } = setUp();
    const token = await tokens.issue('payload');
    const foreign = await another({ secrets: [rootSecret('foreign')] }).issue('payload');
    const cost = await store.costOf(async () => {
      for (const odd of ['', 'x', token.slice(1), `${token}A`, foreign, null, 5, {}, undefined]) {
        expect(await codeOf(tokens.take(odd as string))).toBe(invalid);
      }
      pass(11 * minute);
      expect(await codeOf(tokens.take(token))).toBe(invalid);
    });
    expect(cost).toStrictEqual([]);
  });

  it('RT-09: is not kept in the store, nor is its binding', async () => {
    const { tokens, store } = setUp();
    const seen: unknown[] = [];
    const put = store.part.put.bind(store.part);
    const spying = createSingleUseTokens({
      store: {
        singleUse: { ...store.part, put: (...given) => (seen.push(...given), put(...given)) },
      },
      secrets,
      purpose: 'magic-link',
      lifetime: minute,
    });
    const token = await spying.issue('payload', { binding: 'binding' });
    expect(seen).toHaveLength(4);
    expect(String(seen[0])).toMatch(/^[\w-]{40}$/);
    expect(token).not.toContain(String(seen[0]));
    expect(String(seen)).not.toContain('binding');
    expect(tokens).toBeDefined();
  });

  it('FC-01: is neither refused nor consumed if the store fails before the commit', async () => {
    const { tokens, store } = setUp();
    store.fail('put', 'before');
    expect(await codeOf(tokens.issue('payload'))).toBe('ERR_STORE_UNAVAILABLE');
    const token = await tokens.issue('payload');
    store.fail('take', 'before');
    expect(await codeOf(tokens.take(token))).toBe('ERR_STORE_UNAVAILABLE');
    expect(await tokens.take(token)).toBe('payload');
  });

  it('is refused if its payload is not JSON, which no error quotes', async () => {
    const { tokens, store } = setUp();
    const token = await tokens.issue('payload');
    store.replies.set('take', () => '"hunter2');
    const error = await errorOf(tokens.take(token));
    expect(error).toMatchObject({ code: 'ERR_STORE_RECORD' });
    expect(`${error.message}${String(error.cause)}`).not.toContain('hunter2');
  });

  it('is not issued if the random source repeats itself', async () => {
    const { another } = setUp();
    let calls = 0;
    const broken = another({
      // The `callId` must differ; only the token repeats itself.
      random: (length) => new Uint8Array(length).fill(length === 16 ? ++calls : 0),
    });
    await broken.issue('payload');
    expect(await codeOf(broken.issue('payload'))).toBe('ERR_INPUT_INVALID');
  });
});

describe('invalid input for single-use tokens', () => {
  it('throws an error that names it', async () => {
    const { tokens, store } = setUp();
    const cost = await store.costOf(async () => {
      for (const payload of [undefined, () => 1, 5n, 'x'.repeat(8_191), 'x'.repeat(10_000_000)]) {
        expect(await errorOf(tokens.issue(payload))).toMatchObject({ argument: 'payload' });
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('A16: throws an error that names a missing or contradictory option', async () => {
    const { another } = setUp();
    for (const [options, option] of [
      [{ store: undefined }, 'store'],
      [{ secrets: undefined }, 'secrets'],
      [{ purpose: undefined }, 'purpose'],
      [{ purpose: '' }, 'purpose'],
      [{ purpose: 'OAuth state' }, 'purpose'],
      [{ lifetime: undefined }, 'lifetime'],
      [{ lifetime: 999 }, 'lifetime'],
      [{ lifetime: Infinity }, 'lifetime'],
      [{ prefix: 'a;b' }, 'prefix'],
    ] as const) {
      const error = await errorOf(() => another(options as never));
      expect(error).toMatchObject({ code: 'ERR_CONFIGURATION', option });
    }
  });
});
