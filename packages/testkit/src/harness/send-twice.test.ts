import { describe, expect, it } from 'vitest';
import { sendTwice } from './send-twice.ts';

/** A part of a store that counts its calls. */
class Counter {
  readonly #calls: unknown[][] = [];

  async add(...args: unknown[]): Promise<number> {
    return this.#calls.push(args);
  }

  async fail(): Promise<never> {
    throw new Error(`call ${this.#calls.push([])}`);
  }

  subscribe(): number {
    return this.#calls.push([]);
  }

  get calls(): readonly unknown[][] {
    return this.#calls;
  }
}

describe('sendTwice', () => {
  it('makes each call twice with the same arguments, and returns the second result', async () => {
    const part = new Counter();
    const argument = new Uint8Array(16);
    expect(await sendTwice({ part }).part.add(argument, 'b')).toBe(2);
    expect(part.calls).toEqual([
      [argument, 'b'],
      [argument, 'b'],
    ]);
    expect(part.calls[1]?.[0]).toBe(argument);
  });

  it('also loses the first error', async () => {
    await expect(sendTwice({ part: new Counter() }).part.fail()).rejects.toThrow('call 2');
  });

  it('subscribes once, and returns other members unchanged', () => {
    const part = new Counter();
    const twice = sendTwice({ part, name: 'store' });
    expect(twice.part.subscribe()).toBe(1);
    expect(twice.part.calls).toHaveLength(1);
    expect(twice.name).toBe('store');
  });
});
