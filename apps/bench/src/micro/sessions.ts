import { createHmac, createSecretKey, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type AccessTokenFormat,
  createSessions,
  generateSecret,
  opaqueAccessTokens,
  type Sessions,
  systemClock,
} from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { createMemoryStore } from '@pawl/memory';
import { jwtVerify } from 'jose';
import { type Candidate, measure, ratioOf } from '../measuring/measure.ts';
import type { Section } from '../measuring/report.ts';
import { createIssuer, distinctClaims, joseSign } from './issuer.ts';

interface Deployment {
  readonly sessions: Sessions<object, object>;
  readonly codec: ReturnType<AccessTokenFormat>;
  /** Moves the time of the application and of the store. */
  readonly advance: (ms: number) => void;
}

const tokenRules = { issuer: 'https://auth.example.test', audience: 'https://api.example.test' };

/** Creates sessions on the memory store, with their codec and a controllable clock. */
const deploy = (format: AccessTokenFormat): Deployment => {
  let ahead = 0;
  const clock = (): number => systemClock() + ahead;
  let codec: ReturnType<AccessTokenFormat> | undefined;
  const sessions = createSessions<object, object>({
    store: createMemoryStore({ clock }),
    secrets: [generateSecret()],
    accessToken: (context) => {
      codec = format(context);
      return codec;
    },
    clock,
  });
  if (!codec) throw new Error('createSessions did not create the codec');
  return {
    sessions,
    codec,
    advance: (ms) => {
      ahead += ms;
    },
  };
};

const count = 500;

const logIn = ({
  sessions,
}: Deployment): Promise<{ accessToken: string; refreshToken: string }[]> =>
  Promise.all(
    Array.from({ length: count }, (_, user) =>
      sessions.create({ userId: `user-${user}`, claims: { role: 'editor' } }),
    ),
  );

const cutOut = (token: string): string => `Bearer ${token}`.slice('Bearer '.length);

/** The minimal work for an opaque token: one HMAC, one comparison and one hash. */
const bareTag = (): Candidate<string> => {
  const key = createSecretKey(randomBytes(32));
  const tag = randomBytes(32);
  return {
    name: 'floor: node:crypto HMAC, comparison, SHA-256',
    run: (tokens) => {
      for (const token of tokens) {
        const bytes = Buffer.from(token, 'base64url');
        timingSafeEqual(createHmac('sha256', key).update(bytes).digest(), tag);
        hash('sha256', bytes, 'buffer');
      }
    },
  };
};

const verifier = (name: string, { sessions }: Deployment, tokens: string[]): Candidate<string> => ({
  name,
  run: async () => {
    for (const token of tokens) await sessions.verify(token);
  },
});

/** Measures access tokens that are verified against the session record in memory. */
export const verifySession = async (): Promise<Section> => {
  const opaque = deploy(opaqueAccessTokens());
  const jwt = deploy(jwtAccessTokens(tokenRules));
  const opaqueTokens = (await logIn(opaque)).map(({ accessToken }) => cutOut(accessToken));
  const jwtTokens = (await logIn(jwt)).map(({ accessToken }) => cutOut(accessToken));
  const names = { opaque: 'opaque, session check', jwt: 'JWT seen before, session check' };
  const decode = 'opaque, decode and tag only';
  const floor = bareTag();
  const measured = await measure<string>({
    title: 'verify against the session, memory store',
    rounds: 31,
    prepare: () => opaqueTokens,
    candidates: [
      {
        name: decode,
        run: async (tokens) => {
          for (const token of tokens) await opaque.codec.read(token);
        },
      },
      floor,
      verifier(names.opaque, opaque, opaqueTokens),
      verifier(names.jwt, jwt, jwtTokens),
    ],
  });
  return {
    measured,
    rules: [{ name: `${decode} ÷ ${floor.name}`, ratio: ratioOf(measured, floor.name, decode) }],
  };
};

/** Longer than the settle period, so that every refresh rotates. In ms. */
const untilSettled = 61_000;

const refresher = async (name: string, deployment: Deployment): Promise<Candidate<string>> => {
  const tokens = (await logIn(deployment)).map(({ refreshToken }) => refreshToken);
  return {
    name,
    run: async () => {
      deployment.advance(untilSettled);
      for (let i = 0; i < count; i++) {
        const { refreshToken, outcome } = await deployment.sessions.refresh(tokens[i] as string);
        if (outcome !== 'rotated' && outcome !== 'settled') throw new Error(outcome);
        tokens[i] = refreshToken;
      }
    },
  };
};

/** What an application writes with jose alone, without a store: verify one token, sign two. */
const joseRefresh = async (): Promise<Candidate<string>> => {
  const issuer = await createIssuer('HS256');
  const tokens = await Promise.all(
    Array.from({ length: count }, () => joseSign(issuer, distinctClaims())),
  );
  return {
    name: 'jose HS256: verify 1, sign 2, no store',
    run: async () => {
      for (let i = 0; i < count; i++) {
        await jwtVerify(tokens[i] as string, issuer.joseKeys.verify, issuer.joseOptions);
        await joseSign(issuer, distinctClaims());
        tokens[i] = await joseSign(issuer, distinctClaims());
      }
    },
  };
};

/** Measures a whole rotation in process: decode, check the tag, derive, hash, store, issue. */
export const refresh = async (): Promise<Section> => {
  const candidates = [
    await refresher('Pawl refresh, opaque access token', deploy(opaqueAccessTokens())),
    await refresher('Pawl refresh, JWT HS256', deploy(jwtAccessTokens(tokenRules))),
    await joseRefresh(),
  ];
  const [opaque, jwt, peer] = candidates.map(({ name }) => name) as [string, string, string];
  const measured = await measure<string>({
    title: 'refresh, memory store',
    rounds: 31,
    prepare: () => Array.from({ length: count }, () => ''),
    candidates,
  });
  return {
    measured,
    rules: [opaque, jwt].map((ours) => ({
      name: `${ours} ÷ ${peer}`,
      ratio: ratioOf(measured, peer, ours),
    })),
  };
};
