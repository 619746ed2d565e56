/**
 * Measures rotations against the bare command of each store, and whether the cost of operations is
 * independent of the number of sessions. Optional arguments: `redis`, `postgres`, `flat` for a part
 * of it, and `--rounds=15`.
 */
import { cpus } from 'node:os';
import { holds, type Section, sectionText } from './measuring/report.ts';
import { flatness } from './stores/flatness.ts';
import { postgresRotation } from './stores/postgres-rotation.ts';
import { redisRotation } from './stores/redis-rotation.ts';

const words = process.argv.slice(2);
const rounds = Number(words.find((word) => word.startsWith('--rounds='))?.slice(9) ?? 15);
const parts = { redis: redisRotation, postgres: postgresRotation, flat: flatness };
const all = words.every((word) => word.startsWith('--'));

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
const sections: Section[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (!all && !words.includes(name)) continue;
  for (const section of await part(rounds)) {
    sections.push(section);
    console.log(sectionText(section));
  }
}
const missed = sections.flatMap(({ rules }) => rules).filter((rule) => !holds(rule)).length;
console.log(`\n${missed} figures miss their bound`);
