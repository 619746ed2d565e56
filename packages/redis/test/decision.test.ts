import { applyRotation, expiryOf } from '@pawl/core/store';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { KeyNames } from '../src/key-names.ts';
import { openNode } from './nodes.ts';
import { aCase, bytesOf, inputFor, recordOf } from './random-records.ts';

const node = openNode('standalone');
afterAll(() => node.close());
const prefix = 'decision:';
const { sessions } = node.storeWith({ prefix });
const keyNames = new KeyNames(prefix);

const numRuns = Number(process.env.PAWL_RUNS ?? 3_000);

it('the script decides and writes the same as core', { timeout: 60_000 }, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(aCase, async (one) => {
      const record = recordOf(one, Date.now());
      await node.client.set(keyNames.session(record.sessionId), bytesOf(record), 'PX', 60_000);
      expect((await sessions.find(record.sessionId))?.record).toEqual(record);
      const input = inputFor(one, record);
      const outcome = await sessions.rotate(input);
      if (outcome.kind === 'missing') throw new Error('the record is missing');
      expect(outcome).toEqual(applyRotation(record, input, outcome.now));
      const left = await sessions.find(record.sessionId);
      // The session may have expired meanwhile.
      const gone = left === null && Date.now() >= expiryOf(outcome.record);
      expect(gone ? outcome.record : left?.record).toEqual(outcome.record);
      seen.add(outcome.kind);
    }),
    { numRuns },
  );
  // The property is only meaningful if every branch was taken.
  expect([...seen].sort()).toEqual([
    'expired',
    'fork',
    'lost',
    'regression',
    'replayed',
    'retry',
    'reuse_detected',
    'revoked',
    'rotated',
    'settled',
    'superseded',
  ]);
});
