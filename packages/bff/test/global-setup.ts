import { startRedis } from '@pawl/servers';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The port of a throw-away Redis on this machine. */
    bffRedis: number;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  project.provide('bffRedis', redis.port);
  return () => redis.stop();
}
