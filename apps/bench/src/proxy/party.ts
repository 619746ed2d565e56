import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Kind, Ready } from './server.ts';

/** The API or a proxy, in a separate process. */
export interface Party extends Ready {
  readonly kind: Kind;
  readonly url: string;
  /** The processor time that its process has used so far, in µs. */
  readonly cpu: () => Promise<number>;
  readonly stop: () => void;
}

export const startParty = async (kind: Kind, upstream = ''): Promise<Party> => {
  const child = fork(join(import.meta.dirname, 'server.ts'), [kind, upstream], {
    execArgv: ['--conditions=@pawl/source'],
  });
  const [ready] = (await once(child, 'message')) as [Ready];
  return {
    ...ready,
    kind,
    url: `http://127.0.0.1:${ready.port}`,
    cpu: async () => {
      child.send('cpu');
      const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return user + system;
    },
    stop: () => child.disconnect(),
  };
};
