import { newSession, replayInput } from '@pawl/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { mastersOf, openNode } from './nodes.ts';

describe.each(['standalone', 'cluster'] as const)('a script flush on %s', (server) => {
  const node = openNode(server);
  afterAll(() => node.close());
  const { client, store } = node;

  const flush = async (): Promise<void> => {
    await Promise.all(mastersOf(client).map((master) => master.script('FLUSH')));
  };

  it('fails no call, even during 64 parallel calls', async () => {
    const session = newSession();
    await flush();
    await store.sessions.create(session);
    await flush();
    const outcomes = await Promise.all(
      Array.from({ length: 64 }, async (_, i) => {
        if (i % 16 === 0) await flush();
        return store.sessions.rotate(replayInput(session.sessionId, 0));
      }),
    );
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'rotated')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'replayed')).toHaveLength(20);
    expect(kinds.filter((kind) => kind === 'retry')).toHaveLength(43);
  });
});
