import { jwtAccessTokens } from '@pawl/core/jwt';
import { displacePolicy, forkPolicy, timeOnlyPolicy } from './models.ts';
import { pawlServer } from './pawl-server.ts';
import type { ServerFactory } from './server.ts';

/** A rotation scheme that takes part in the simulation. */
export interface Contestant {
  readonly name: string;
  readonly create: ServerFactory;
}

const seconds = 1_000;

export const pawl: Contestant = { name: 'Pawl, `default`', create: pawlServer({}) };

/** The real code, with different options. */
const real: readonly Contestant[] = [
  pawl,
  {
    name: "Pawl, `default`, JWT, `revocationCheck: 'none'`",
    create: pawlServer({
      accessToken: jwtAccessTokens({
        issuer: 'https://auth.example.test',
        audience: 'https://api.example.test',
      }),
      revocationCheck: 'none',
    }),
  },
  { name: 'Pawl, `strict`', create: pawlServer({ preset: 'strict' }) },
];

/** Models of policies. */
const models: readonly Contestant[] = [
  { name: 'model: time only, 10 s', create: timeOnlyPolicy(10 * seconds) },
  { name: 'model: time only, 60 s', create: timeOnlyPolicy(60 * seconds) },
  { name: 'model: displace, 10 s', create: displacePolicy(10 * seconds) },
  { name: 'model: displace, 60 s', create: displacePolicy(60 * seconds) },
  { name: 'model: fork, 10 s', create: forkPolicy(10 * seconds) },
  { name: 'model: fork, 60 s', create: forkPolicy(60 * seconds) },
];

export const contestants: readonly Contestant[] = [...real, ...models];
