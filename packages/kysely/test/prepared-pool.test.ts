import { newSession, rotationInput } from '@pawl/testkit';
import { CompiledQuery } from 'kysely';
import { expect, it } from 'vitest';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase } from './databases.ts';

it('names only the statements of this package', async () => {
  const { nodes, close } = await openDatabase('postgres', { connections: 1 });
  try {
    const [db] = nodes;
    const { sessions } = createKyselyStore(db, { dialect: 'postgres' });
    for (let i = 0; i < 3; i++) {
      const session = newSession();
      await sessions.create(session);
      await sessions.rotate(rotationInput(session.sessionId, 0));
      await db.executeQuery(CompiledQuery.raw('select $1::int', [i]));
    }
    const { rows } = await db.executeQuery<{ name: string; statement: string }>(
      CompiledQuery.raw('select name, statement from pg_prepared_statements order by statement'),
    );
    expect(rows.map(({ statement }) => statement.slice(0, 6))).toEqual(['insert', 'update']);
    expect(rows.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^pawl_\w{8,50}$/),
      expect.stringMatching(/^pawl_\w{8,50}$/),
    ]);
  } finally {
    await close();
  }
});
