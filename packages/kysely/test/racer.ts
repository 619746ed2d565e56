import { generationRecord, rotationInput } from '@pawl/testkit';
import { createKyselyStore } from '../src/store.ts';
import { connectMariadb, connectPostgres } from './connect.ts';

/** The request to a racing process: present the token of a generation several times in parallel. */
export interface RaceStart {
  readonly sessionId: string;
  readonly generation: number;
  readonly times: number;
}

/** The result of one call. */
export interface RaceResult {
  readonly kind: string;
  readonly successor: string;
}

const [dialect, url] = process.argv.slice(2) as ['postgres' | 'mysql', string];
const connect = dialect === 'postgres' ? connectPostgres : connectMariadb;
const db = connect(url, { connections: 8 });
const { sessions } = createKyselyStore(db, { dialect });

const present = async ({ sessionId, generation }: RaceStart, i: number): Promise<RaceResult> => {
  const next = generationRecord(generation + 1, `${process.pid} ${generation} ${i}`);
  const outcome = await sessions.rotate(rotationInput(sessionId, generation, { next }));
  const hash = 'record' in outcome ? Buffer.from(outcome.record.tokenHash).toString('hex') : '';
  return { kind: outcome.kind, successor: hash };
};

process.on('message', (start: RaceStart) => {
  Promise.all(Array.from({ length: start.times }, (_, i) => present(start, i))).then(
    (results) => process.send?.(results),
    (error: unknown) => process.send?.([{ kind: String(error), successor: '' }]),
  );
});
process.on('disconnect', () => void db.destroy());
// Connects before the race begins.
await sessions.find('nobody');
process.send?.([]);
