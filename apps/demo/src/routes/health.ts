import type { Service } from '../service.ts';
import { ok, open, type Route } from './route.ts';

/** Whether the process lives, and whether it should be sent requests. */
export const healthRoutes = ({ storage, isDraining }: Service): readonly Route[] => [
  open('GET', '/health', () => ok({ status: 'OK' })),
  open('GET', '/ready', async () => {
    const ready = !isDraining() && (await answers(storage.check));
    return ready ? ok({ status: 'READY' }) : { ...ok({ status: 'NOT_READY' }, 503), headers };
  }),
];

const headers = { 'retry-after': '1' };

const answers = async (check: () => Promise<void>): Promise<boolean> => {
  try {
    await check();
    return true;
  } catch {
    return false;
  }
};
