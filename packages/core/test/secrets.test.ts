import { inspect } from 'node:util';
import { createApiKeys } from '@pawl/core/api-keys';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { describe, expect, it } from 'vitest';
import { type Deployment, deploy, jwt, minute, secrets } from './deployment.ts';
import { createMemoryStore } from './memory-store.ts';
import { rootSecret } from './roots.ts';

/** Every form in which a credential could show: its text, its bytes, parts of both. */
const spellings = (credential: string): readonly string[] => {
  const text = credential.replace(/^pawl_.._/, '');
  const parts = text.includes('.') ? [text.split('.')[2] as string] : [text.slice(40, 104)];
  const bytes = Buffer.from(text, 'base64url').subarray(30, 62);
  return [...parts, bytes.toString('hex'), bytes.toString('base64'), [...bytes].join(',')];
};

const hashes = async ({ store }: Deployment, sessionId: string): Promise<readonly string[]> => {
  const found = await store.sessions.find(sessionId);
  if (!found) return [];
  const { tokenHash, salt, accessHash } = found.record;
  return [tokenHash, salt, accessHash].flatMap((bytes) => {
    if (!bytes) return [];
    const all = Buffer.from(bytes);
    return [all.toString('hex'), all.toString('base64url'), inspect(all).slice(8, 60)];
  });
};

/** Prints a value as deep as a careless logger does, private members of errors included. */
const print = (value: unknown): string => {
  const options = { depth: 20, showHidden: true, getters: true, maxStringLength: null } as const;
  const error = value instanceof Error ? `${value.message}\n${value.stack}\n${value}` : '';
  return `${inspect(value, { ...options, maxArrayLength: null })}\n${error}\n${JSON.stringify(value)}`;
};

describe.each([
  ['opaque', {}],
  ['HS256', jwt()],
])('LG-01: with %s access tokens, no credential is in', (_, options) => {
  const live = async () => {
    const deployment = deploy();
    const sessions = deployment.node({ ...options, secrets });
    const first = await sessions.create({ userId: 'ann', claims: { role: 'reader' } });
    deployment.pass(5 * minute);
    const next = await sessions.refresh(first.refreshToken);
    const canaries = [
      ...[first, next].flatMap((one) => [one.refreshToken, one.accessToken]).flatMap(spellings),
      ...(await hashes(deployment, first.sessionId)),
      rootSecret('one'),
    ];
    const clean = (printed: string): boolean =>
      printed.length > 100 && !canaries.some((canary) => printed.includes(canary));
    return { deployment, sessions, first, next, clean };
  };

  it('the result of a check, and the sessions object', async () => {
    const { sessions, next, clean } = await live();
    const auth = await sessions.verify(next.accessToken);
    expect(clean(print(auth))).toBe(true);
    expect(clean(print(auth.session))).toBe(true);
    expect(clean(print(sessions))).toBe(true);
    expect(clean(print(await sessions.get(next.sessionId)))).toBe(true);
    expect(clean(print(await sessions.list('ann')))).toBe(true);
  });

  it('any event', async () => {
    const { deployment, sessions, first, next, clean } = await live();
    await sessions.refresh(first.refreshToken).catch(() => {});
    await sessions.verify(next.accessToken);
    deployment.pass(10 * minute);
    for (const token of [first.refreshToken, next.refreshToken, `${next.refreshToken}x`]) {
      await sessions.refresh(token).catch(() => {});
      await sessions.verify(token).catch(() => {});
      await sessions.revokeByToken(token).catch(() => {});
    }
    await sessions.revokeAll('ann');
    expect(deployment.events.length).toBeGreaterThan(8);
    expect(clean(print(deployment.events))).toBe(true);
  });

  it('any error', async () => {
    const { deployment, sessions, first, next, clean } = await live();
    const errors: unknown[] = [];
    const keep = (call: Promise<unknown>): Promise<unknown> =>
      call.catch((error: unknown) => errors.push(error));
    const every = async (): Promise<void> => {
      for (const token of [first.refreshToken, next.refreshToken, next.accessToken]) {
        for (const odd of [token, `${token}x`, token.slice(1), token.replace('_', '-')]) {
          await keep(sessions.verify(odd));
          await keep(sessions.refresh(odd));
          await keep(sessions.get(odd));
          await keep(sessions.create({ userId: odd, claims: odd as never }));
          await keep(sessions.revokeByToken(odd.toUpperCase()));
          await keep(sessions.revoke(next.sessionId, { reason: odd }));
        }
      }
    };
    await every();
    deployment.pass(20 * minute);
    await every();
    deployment.sessions.broken.set('find', new Error('away'));
    deployment.sessions.broken.set('rotate', new Error('away'));
    await every();
    expect(errors.length).toBeGreaterThan(100);
    expect(clean(errors.map(print).join('\n'))).toBe(true);
  });
});

describe('A4, RT-09: a dump of the store', () => {
  it('holds no credential, and none can be derived from it', async () => {
    const written: unknown[] = [];
    const memory = createMemoryStore();
    const dumping = <Part extends object>(part: Part): Part =>
      new Proxy(part, {
        get: (target, verb) => {
          const run: unknown = Reflect.get(target, verb);
          if (typeof run !== 'function') return run;
          return async (...args: unknown[]) => {
            const answer: unknown = await Reflect.apply(run, target, args);
            written.push(args, answer);
            return answer;
          };
        },
      });
    const credentials: string[] = [];
    for (const options of [{}, jwt({ clockTolerance: 5_000 })]) {
      const { node } = deploy();
      const sessions = node({
        ...options,
        clock: Date.now,
        store: { sessions: dumping(memory.sessions) },
      });
      let tokens = await sessions.create({ userId: 'ann' });
      for (let i = 0; i < 3; i++) {
        credentials.push(tokens.refreshToken, tokens.accessToken);
        tokens = await (i === 1
          ? sessions.elevate(tokens.sessionId)
          : sessions.refresh(tokens.refreshToken));
      }
      await sessions.verify(tokens.accessToken);
      credentials.push(tokens.refreshToken, tokens.accessToken);
    }
    const keys = createApiKeys({ store: { apiKeys: dumping(memory.apiKeys) }, secrets });
    const { apiKey } = await keys.create({ userId: 'ann', name: 'ci' });
    await keys.verify(apiKey);
    const singleUse = { singleUse: dumping(memory.singleUse) };
    const tokens = createSingleUseTokens({
      store: singleUse,
      secrets,
      purpose: 'x',
      lifetime: 1e6,
    });
    const token = await tokens.issue('payload');
    await tokens.take(token);
    credentials.push(apiKey, token);

    const dump = JSON.stringify(written, (_key, value: unknown) => {
      if (!(value instanceof Uint8Array)) return value;
      const bytes = Buffer.from(value);
      return [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')];
    });
    expect(written.length).toBeGreaterThan(20);
    expect(credentials).toHaveLength(18);
    for (const credential of credentials) {
      for (const spelling of spellings(credential)) expect(dump).not.toContain(spelling);
    }
  });
});
