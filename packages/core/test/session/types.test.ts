import {
  type Auth,
  createSessions,
  type RevocationCheck,
  type SessionInfo,
  type SessionInput,
  type Sessions,
  type SessionsOptions,
} from '@pawl/core';
import type { ApiKeyInput } from '@pawl/core/api-keys';
import type { AccessTokenInput, AccessTokens } from '@pawl/core/jwt';
import { describe, expectTypeOf, it } from 'vitest';
import { jwt, secrets } from '../deployment.ts';
import { createMemoryStore } from '../memory-store.ts';

interface Claims {
  readonly role: string;
}
interface Data {
  readonly theme: string;
}
type Info = SessionInfo<Claims, Data>;

const store = createMemoryStore();
const format = jwt();
const options: SessionsOptions<Claims, Data> = { store, secrets };

const bySession = createSessions<Claims, Data>({ store, secrets });
const byBlocklist = createSessions<Claims, Data>({
  ...format,
  store,
  secrets,
  revocationCheck: 'blocklist',
  blocklist: store,
});
const bySignature = createSessions<Claims, Data>({
  ...format,
  store,
  secrets,
  revocationCheck: 'none',
});
const byAny = createSessions<Claims, Data>(options);

describe('the types of sessions', () => {
  it('a session check reads the session: neither it nor its id can be null', () => {
    const read = () => bySession.verify('');
    expectTypeOf(read).returns.resolves.toHaveProperty('sessionId').toEqualTypeOf<string>();
    expectTypeOf(read).returns.resolves.toHaveProperty('session').toEqualTypeOf<Info>();
  });

  it('a blocklist check knows the id, and reads no session', () => {
    const read = () => byBlocklist.verify('');
    expectTypeOf(read).returns.resolves.toHaveProperty('sessionId').toEqualTypeOf<string>();
    expectTypeOf(read).returns.resolves.toHaveProperty('session').toEqualTypeOf<null>();
  });

  it('a check of the signature alone asks for no id and reads no session', () => {
    const read = () => bySignature.verify('');
    expectTypeOf(read).returns.resolves.toHaveProperty('sessionId').toEqualTypeOf<string | null>();
    expectTypeOf(read).returns.resolves.toHaveProperty('session').toEqualTypeOf<null>();
  });

  it('a check that only the configuration knows may be any', () => {
    expectTypeOf(byAny).toEqualTypeOf<Sessions<Claims, Data>>();
    const read = () => byAny.verify('');
    expectTypeOf(read).returns.resolves.toHaveProperty('session').toEqualTypeOf<Info | null>();
  });

  it('the option of one call decides for that call', () => {
    const stricter = () => bySignature.verify('', { revocationCheck: 'session' });
    expectTypeOf(stricter).returns.resolves.toHaveProperty('session').toEqualTypeOf<Info>();
    const looser = () => bySession.verify('', { revocationCheck: 'blocklist' });
    expectTypeOf(looser).returns.resolves.toHaveProperty('session').toEqualTypeOf<null>();
    const same = () => bySession.verify('', { maxStaleness: 1_000 });
    expectTypeOf(same).returns.resolves.toHaveProperty('session').toEqualTypeOf<Info>();
    const perhaps = undefined as 'session' | undefined;
    const either = () => bySignature.verify('', { revocationCheck: perhaps });
    expectTypeOf(either).returns.resolves.toHaveProperty('session').toEqualTypeOf<Info | null>();
  });

  it('sessions of one check are sessions of any check, not of another', () => {
    expectTypeOf(bySession).toExtend<Sessions<Claims, Data>>();
    expectTypeOf(bySignature).toExtend<Sessions<Claims, Data>>();
    expectTypeOf(bySignature).not.toExtend<Sessions<Claims, Data, 'session'>>();
    expectTypeOf<Auth<Claims, Data, 'session'>>().toExtend<Auth<Claims, Data>>();
    expectTypeOf<Auth<Claims, Data, 'sessionless'>>().toExtend<Auth<Claims, Data>>();
    expectTypeOf<Auth<Claims, Data>>().not.toExtend<Auth<Claims, Data, 'session'>>();
    expectTypeOf<Auth<Claims, Data>['session']>().toEqualTypeOf<Info | null>();
    expectTypeOf<Auth<Claims, Data, RevocationCheck>['sessionId']>().toEqualTypeOf<string | null>();
  });

  it('access tokens alone have no session', () => {
    expectTypeOf<AccessTokens<Claims>['verify']>().returns.resolves.toEqualTypeOf<
      Auth<Claims, never, 'sessionless'>
    >();
    expectTypeOf<Auth<Claims, never, 'sessionless'>['sessionId']>().toEqualTypeOf<null>();
  });
});

describe('the types of inputs', () => {
  it('require claims and data whose types have a required member', () => {
    expectTypeOf({ userId: 'ann', claims: { role: 'x' }, data: { theme: 'y' } }).toExtend<
      SessionInput<Claims, Data>
    >();
    expectTypeOf({ userId: 'ann', claims: { role: 'x' } }).not.toExtend<
      SessionInput<Claims, Data>
    >();
    expectTypeOf({ userId: 'ann', data: { theme: 'y' } }).not.toExtend<
      SessionInput<Claims, Data>
    >();
    expectTypeOf({ userId: 'ann', name: 'key' }).not.toExtend<ApiKeyInput<Claims>>();
    expectTypeOf({ userId: 'ann' }).not.toExtend<AccessTokenInput<Claims>>();
  });

  it('require neither where nothing in them is required', () => {
    expectTypeOf({ userId: 'ann' }).toExtend<SessionInput<Partial<Claims>, Partial<Data>>>();
    expectTypeOf({ userId: 'ann' }).toExtend<
      SessionInput<Record<string, unknown>, Record<string, unknown>>
    >();
    expectTypeOf({ userId: 'ann' }).toExtend<SessionInput<object, object>>();
    expectTypeOf({ userId: 'ann', claims: undefined, data: undefined }).toExtend<
      SessionInput<Partial<Claims>, object>
    >();
    expectTypeOf({ userId: 'ann', name: 'key' }).toExtend<ApiKeyInput<Partial<Claims>>>();
  });

  it('data may be a function of the session id', () => {
    expectTypeOf({
      userId: 'ann',
      claims: { role: 'x' },
      data: async (sessionId: string) => ({ theme: sessionId }),
    }).toExtend<SessionInput<Claims, Data>>();
  });
});
