import { createSessions, isPawlError } from '@pawl/core';
import { Redis } from 'ioredis';
import { createRedisStore } from '../src/store.ts';

/** A process that presents each refresh token that it receives 64 times in parallel. */
const { PORT, PREFIX, SECRET } = process.env;
const client = new Redis(Number(PORT));
const sessions = createSessions({
  store: createRedisStore(client, { prefix: PREFIX ?? '' }),
  secrets: [SECRET ?? ''],
});

const refresh = (token: string): Promise<string> =>
  sessions.refresh(token).then(
    ({ refreshToken }) => refreshToken,
    (error: unknown) => (isPawlError(error) ? error.code : String(error)),
  );

process.on('message', (token: string) => {
  void Promise.all(Array.from({ length: 64 }, () => refresh(token))).then((results) =>
    process.send?.(results),
  );
});
process.on('disconnect', () => process.exit());
client.once('ready', () => process.send?.([]));
