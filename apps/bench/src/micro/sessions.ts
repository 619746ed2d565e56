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

/** Sessions on the memory store, with the codec that they use and a clock that we own. */
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
  if (!codec) throw new Error('a deployment asks for its format at once');
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

/** What cannot be left out of a token of our own: one HMAC and one comparison. */
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

const verifying = (
  name: string,
  { sessions }: Deployment,
  tokens: string[],
): Candidate<string> => ({
  name,
  run: async () => {
    for (const token of tokens) await sessions.verify(token);
  },
});

/** Access tokens against the session record, which memory holds. */
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
      verifying(names.opaque, opaque, opaqueTokens),
      verifying(names.jwt, jwt, jwtTokens),
    ],
  });
  return {
    measured,
    rules: [{ name: `${decode} ÷ ${floor.name}`, ratio: ratioOf(measured, floor.name, decode) }],
  };
};

/** Longer than a session settles: so that every refresh rotates. */
const settled = 61_000;

const refreshing = async (name: string, deployment: Deployment): Promise<Candidate<string>> => {
  const tokens = (await logIn(deployment)).map(({ refreshToken }) => refreshToken);
  return {
    name,
    run: async () => {
      deployment.advance(settled);
      for (let i = 0; i < count; i++) {
        const { refreshToken, outcome } = await deployment.sessions.refresh(tokens[i] as string);
        if (outcome !== 'rotated' && outcome !== 'settled') throw new Error(outcome);
        tokens[i] = refreshToken;
      }
    },
  };
};

/** What an application writes with jose alone, without any store: verify one token, sign two. */
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

/** A whole rotation in process: decode, tag, derive, hash, store, issue. */
export const refresh = async (): Promise<Section> => {
  const candidates = [
    await refreshing('Pawl refresh, opaque access token', deploy(opaqueAccessTokens())),
    await refreshing('Pawl refresh, JWT HS256', deploy(jwtAccessTokens(tokenRules))),
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
