/**
 * Who may import whom among the packages. `oxlint.config.ts` holds every source file to it and
 * `scripts/house.ts` every manifest. A new package adds one line here.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  testkit: ['core', 'http'],
  memory: ['core'],
  redis: ['core'],
  kysely: ['core'],
  file: ['core'],
  http: ['core'],
  express: ['http'],
  fastify: ['http'],
  hono: ['http'],
  bff: ['core', 'http'],
  servers: [],
  upgrades: ['core'],
};

/**
 * Packages that only this repository uses: their manifests say `private`. Tests and apps may import
 * them; the source of a published package may not, so no line above names one.
 */
export const unpublished: readonly string[] = ['servers', 'upgrades'];

/** Everything core may depend on from outside. A change that adds a name here explains it in review. */
export const coreDependencies: readonly string[] = ['@noble/hashes', 'jose'];
