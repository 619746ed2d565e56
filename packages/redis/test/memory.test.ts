import { randomUUID } from 'node:crypto';
import { newSession, rotationInput, strictPolicy } from '@pawl/testkit';
import { afterAll, expect, it } from 'vitest';
import { keysOf, openNode } from './nodes.ts';

const agent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.0.0 Safari/537.36';

const node = openNode('standalone');
const { client } = node;
afterAll(() => node.close());

/** The bytes of all keys with this prefix, as counted by the server. */
const bytesOf = async (prefix: string): Promise<number> => {
  let bytes = 0;
  for (const key of await keysOf(client, prefix)) bytes += (await client.memory('USAGE', key)) ?? 0;
  return bytes;
};

it('a session takes at most 550 bytes, with its index and a user agent of 110 bytes', async () => {
  expect(agent).toHaveLength(110);
  const count = 200;
  // As long as the default prefix, and used by no other test.
  const prefix = 'memo:';
  const { sessions } = node.storeWith({ prefix });
  const attributes = JSON.stringify({ t: 1_893_553_445, u: agent, i: '203.0.113.77' });
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const session = newSession({ userId: randomUUID(), attributes, claims: '{}', data: '{}' });
    await sessions.create(session);
    ids.push(session.sessionId);
  }
  const fresh = (await bytesOf(prefix)) / count;
  // From the fourth rotation on, a record does not grow any more.
  for (const id of ids) {
    for (let generation = 0; generation < 4; generation++) {
      await sessions.rotate(rotationInput(id, generation, { policy: strictPolicy }));
    }
  }
  const rotated = (await bytesOf(prefix)) / count;
  console.warn(`bytes per session: ${fresh} new, ${rotated} after four rotations`);
  expect(fresh).toBeLessThanOrEqual(550);
  expect(rotated).toBeLessThanOrEqual(550);
});
