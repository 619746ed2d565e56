import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expand, shorten } from './dictionary.ts';

const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0',
];

describe('the dictionary', () => {
  it.each(agents)('shortens %s to a third, and restores it', (agent) => {
    const json = JSON.stringify({ u: agent });
    const short = shorten(json) ?? json;
    expect(short.length).toBeLessThan(json.length / 3 + 10);
    expect(expand(short)).toBe(json);
  });

  it('restores every text that it shortens', { timeout: 30_000 }, () => {
    const part = fc.oneof(fc.constantFrom(...agents), fc.string({ unit: 'binary' }));
    const text = fc.array(part).map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const short = shorten(given);
        expect(short === null ? given : expand(short)).toBe(given);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not shorten a text that already contains a code', () => {
    expect(shorten(`\u0001${agents[0]}`)).toBeNull();
  });
});
