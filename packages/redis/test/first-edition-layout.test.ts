import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { KeyNames } from '../src/key-names.ts';
import { decodeAsFirstEdition } from './first-edition-layout.ts';
import { openNode } from './nodes.ts';
import { aCase, bytesOf, inputFor, recordOf } from './random-records.ts';

const node = openNode('standalone');
afterAll(() => node.close());
const prefix = 'first-edition-layout:';
const { sessions } = node.storeWith({ prefix });
const keyNames = new KeyNames(prefix);

it('nodes of the first edition read what this version writes', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(aCase, async (one) => {
      const record = recordOf(one, Date.now());
      const key = keyNames.session(record.sessionId);
      await node.client.set(key, bytesOf(record), 'PX', 60_000);
      const outcome = await sessions.rotate(inputFor(one, record));
      const bytes = await node.client.getBuffer(key);
      // The session may have expired meanwhile.
      if (outcome.kind === 'missing' || bytes === null) return;
      const { ring, ...read } = decodeAsFirstEdition(bytes);
      const written = outcome.record;
      // There a late replay moves the time of the rotation, and only the first four entries count.
      const rotatedAt = written.lateReplayAt ?? written.rotatedAt;
      expect({ ...written, rotatedAt }).toMatchObject(read);
      expect((ring as Uint8Array).subarray(0, written.ring.length)).toEqual(written.ring);
    }),
    { numRuns: 500 },
  );
});
