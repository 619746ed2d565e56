import { globSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideProgram, type Stoppable } from '@pawl/servers';

/** A clock for servers that differs from the machine's clock by an offset. */
export interface SteppedClock extends Stoppable {
  /** Starts a server with this clock. */
  readonly start: <T>(server: () => Promise<T>) => Promise<T>;
  /** Sets the offset from the machine's clock, in seconds. */
  readonly step: (seconds: number) => Promise<void>;
}

const programs = [
  { names: ['postgres'], folders: ['/usr/lib/postgresql/*/bin'], debianPackage: 'postgresql' },
  { names: ['mariadbd'], debianPackage: 'mariadb-server' },
] as const;

/** Creates a clock. Returns null if libfaketime is not available. */
export const createSteppedClock = async (): Promise<SteppedClock | null> => {
  const library = await findLibrary();
  if (library === undefined) return null;
  const folder = await mkdtemp(join(tmpdir(), 'pawl-clock-'));
  await chmod(folder, 0o755);
  const offset = join(folder, 'offset');
  const step = (seconds: number): Promise<void> =>
    writeFile(offset, `${seconds < 0 ? '' : '+'}${seconds}s\n`);
  await step(0);
  for (const program of programs) await wrap(await provideProgram(program), folder, library);
  return {
    step,
    start: async (server) => {
      const { PATH } = process.env;
      process.env.PATH = `${folder}:${PATH}`;
      try {
        return await server();
      } finally {
        process.env.PATH = PATH;
      }
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
};

/**
 * Writes a script that starts the server's program with the library. The library is loaded only
 * there, because its semaphore must belong to the server's account.
 */
const wrap = async (program: string, folder: string, library: string): Promise<void> => {
  const file = join(folder, program.split('/').at(-1) ?? '');
  const settings = [
    `LD_PRELOAD=${library}`,
    `FAKETIME_TIMESTAMP_FILE=${folder}/offset`,
    'FAKETIME_NO_CACHE=1',
    'FAKETIME_DONT_FAKE_MONOTONIC=1',
    'FAKETIME_DONT_RESET=1',
  ];
  await writeFile(file, `#!/bin/sh\nexec env ${settings.join(' ')} ${program} "$@"\n`);
  await chmod(file, 0o755);
};

const findLibrary = async (): Promise<string | undefined> => {
  try {
    await provideProgram({ names: ['faketime'], debianPackage: 'faketime' });
  } catch {
    return undefined;
  }
  return globSync('/usr/lib/*/faketime/libfaketime.so.1')[0];
};
