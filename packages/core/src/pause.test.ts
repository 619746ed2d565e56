import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { pause } from './pause.ts';

it('resolves once the time has passed', async () => {
  const before = performance.now();
  await pause(20);
  // Timers count in whole milliseconds.
  expect(performance.now() - before).toBeGreaterThanOrEqual(19);
});

it('keeps the process alive unless it is told not to', () => {
  const file = new URL('pause.ts', import.meta.url).href;
  const run = (options: string): string => {
    const code = `import { pause } from '${file}'; pause(50${options}).then(() => console.log('resolved'));`;
    return spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
      encoding: 'utf8',
    }).stdout;
  };
  expect(run('')).toBe('resolved\n');
  expect(run(', { unref: true }')).toBe('');
});
