/**
 * Measures guards and rotations over real sockets, each candidate in a separate process.
 * Optional arguments: frameworks and rows (`hono strict`), and `--rounds=7`.
 */
import { cpus } from 'node:os';
import { startRedis } from '@pawl/servers';
import { frameworkNames, rows } from './http/candidates.ts';
import { measureGuards } from './http/guards.ts';
import { measureRefreshes } from './http/refreshes.ts';
import { holds, type Section, sectionText } from './measuring/report.ts';

const words = process.argv.slice(2);
const selected = <Name extends string>(all: readonly Name[]): readonly Name[] => {
  const some = all.filter((name) => words.includes(name));
  return some.length === 0 ? all : some;
};
const rounds = Number(words.find((word) => word.startsWith('--rounds='))?.slice(9) ?? 7);

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
const sections: Section[] = [];
const redis = await startRedis();
try {
  for (const row of selected(rows)) {
    for (const framework of selected(frameworkNames)) {
      await redis.command('FLUSHALL');
      const measuring =
        row === 'rotation'
          ? measureRefreshes(framework, redis.port, rounds)
          : measureGuards(row, framework, row === 'strict' ? redis : undefined, rounds);
      for (const section of await measuring) {
        sections.push(section);
        console.log(sectionText(section));
      }
    }
  }
} finally {
  await redis.stop();
}
const missed = sections.flatMap(({ rules }) => rules).filter((rule) => !holds(rule)).length;
console.log(`\n${missed} figures miss their bound`);
