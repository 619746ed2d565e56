import { createBetterAuth } from './checks/better-auth.ts';
import { createJose, createJoseAndGet } from './checks/jose.ts';
import { createPawlCheck, type PawlCheckName } from './checks/pawl.ts';
import { createTable } from './checks/table.ts';
import { createTableAndGet } from './checks/table-and-get.ts';
import { expressFramework } from './frameworks/express.ts';
import { fastifyFramework } from './frameworks/fastify.ts';
import type { Framework, Served } from './frameworks/framework.ts';
import { honoFramework } from './frameworks/hono.ts';

export type FrameworkName = 'express' | 'fastify' | 'hono';

const frameworks: Readonly<Record<FrameworkName, Framework>> = {
  express: expressFramework,
  fastify: fastifyFramework,
  hono: honoFramework,
};

export const frameworkNames: readonly FrameworkName[] = ['express', 'fastify', 'hono'];

/**
 * What is measured. `cached`: guards that need no store call per request. `strict`: guards that call
 * Redis at every request. `rotation`: the exchange of refresh tokens, with Redis.
 */
export type Row = GuardRow | 'rotation';
export type GuardRow = 'cached' | 'strict';

export const rows: readonly Row[] = ['cached', 'strict', 'rotation'];

/** The handler to which all guards are compared. */
export const emptyHandler = 'empty handler';

export const emptyPost = 'empty POST';

/** The floors: the guards that an application would write by hand. */
export const floors: Readonly<Record<GuardRow, string>> = {
  cached: 'Map, by hand',
  strict: 'Map and one GET, by hand',
};

interface Candidate {
  readonly name: string;
  /** The only framework that has it. Default: all frameworks. */
  readonly only?: FrameworkName;
  readonly start: (framework: Framework, redisPort: number) => Promise<Served> | undefined;
}

/** Whether a candidate is Pawl. */
export const isPawl = (name: string): boolean => name.startsWith('Pawl');

const pawl = (check: PawlCheckName): Candidate => ({
  name: `Pawl, ${check}`,
  start: async (framework, redisPort) => framework.pawl(await createPawlCheck(check, redisPort)),
});

const empty: Candidate = {
  name: emptyHandler,
  start: (framework) => framework.empty(createTable().credentials),
};

const candidates: Readonly<Record<Row, readonly Candidate[]>> = {
  cached: [
    empty,
    { name: floors.cached, start: ({ table }) => table(createTable()) },
    pawl('JWT, signature only'),
    pawl('JWT, cached session'),
    pawl('opaque, cached session'),
    { name: 'jose HS256', start: async ({ check }) => check(await createJose()) },
    { name: '@fastify/jwt, cached', only: 'fastify', start: ({ cachedJwt }) => cachedJwt?.() },
    {
      name: 'better-auth, cookie cache',
      start: async ({ headersCheck }) => headersCheck(await createBetterAuth()),
    },
  ],
  strict: [
    empty,
    {
      name: floors.strict,
      start: async ({ check }, redis) => check(await createTableAndGet(redis)),
    },
    pawl('JWT, session'),
    pawl('opaque, session'),
    {
      name: 'jose HS256 and one GET',
      start: async ({ check }, redis) => check(await createJoseAndGet(redis)),
    },
    {
      name: 'express-session, connect-redis',
      only: 'express',
      start: ({ session }, redis) => session?.(redis),
    },
    {
      name: '@fastify/session, connect-redis',
      only: 'fastify',
      start: ({ session }, redis) => session?.(redis),
    },
  ],
  rotation: [
    { name: emptyPost, start: (framework) => framework.emptyPost() },
    pawl('JWT, session'),
    pawl('opaque, session'),
  ],
};

export const candidateNames = (row: Row, framework: FrameworkName): string[] =>
  candidates[row].filter(({ only = framework }) => only === framework).map(({ name }) => name);

/** Starts one candidate in this process. */
export const startCandidate = async (
  framework: FrameworkName,
  row: Row,
  name: string,
  redisPort: number,
): Promise<Served> => {
  const candidate = candidates[row].find((each) => each.name === name);
  const served = await candidate?.start(frameworks[framework], redisPort);
  if (!served) throw new Error(`${framework} has no candidate ${name}`);
  return served;
};
