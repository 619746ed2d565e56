import type { Service } from '../service.ts';
import { ok, publicRoute, type Route } from './route.ts';

/** Whether the process is alive, and whether it is ready for requests. */
export const healthRoutes = ({ storage, isDraining }: Service): readonly Route[] => [
  publicRoute('GET', '/health', () => ok({ status: 'OK' })),
  publicRoute('GET', '/ready', async () => {
    const ready = !isDraining() && (await responds(storage.check));
    return ready ? ok({ status: 'READY' }) : { ...ok({ status: 'NOT_READY' }, 503), headers };
  }),
];

const headers = { 'retry-after': '1' };

const responds = async (check: () => Promise<void>): Promise<boolean> => {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
};
