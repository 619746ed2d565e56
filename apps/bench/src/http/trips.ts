import type { RedisServer } from '@pawl/servers';
import type { Rule } from '../measuring/report.ts';
import type { ServerProcess } from './server-process.ts';

/** The number of trips to Redis per guarded request, counted by Redis. */
export const countTrips = async (
  { name, url, credentials }: ServerProcess,
  redis: RedisServer,
  expected?: number,
): Promise<Rule> => {
  await redis.command('CONFIG', 'RESETSTAT');
  for (const headers of credentials) await (await fetch(url, { headers })).arrayBuffer();
  const calls = new Map<string, number>();
  for (const [, command = '', count] of (await redis.text('INFO', 'commandstats')).matchAll(
    /cmdstat_(\S+?):calls=(\d+)/g,
  )) {
    if (!/^(info|config|ping)/.test(command)) calls.set(command, Number(count));
  }
  // Redis also counts the commands inside scripts, which are not trips.
  const scripts = calls.get('evalsha');
  const sent = scripts ?? [...calls.values()].reduce((sum, count) => sum + count, 0);
  const trips = sent / credentials.length;
  return {
    name: `trips to Redis per request: ${name}`,
    ratio: { median: trips, min: trips, max: trips },
    ...(expected !== undefined && { atLeast: expected, atMost: expected }),
  };
};
