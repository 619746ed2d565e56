import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { FleetOrder } from './fleet-worker.ts';
import type { Trouble } from './provider.ts';
import { clientSecret, type Service, secret, startService } from './service.ts';
import { openSharedStore, type SharedStore } from './shared-store.ts';

/** In ms. */
const lifetime = 3_600_000;

const stores: [string, (folder: string) => string][] = [
  ['Redis', () => `redis:${inject('bffRedis')}`],
  ['SQLite', (folder) => `sqlite:${join(folder, 'bff.db')}`],
];

describe.each(stores)('8 processes on %s', (_, addressIn) => {
  let folder: string;
  let shared: SharedStore;
  let service: Service;
  /** A node in this process, with the clock of the fleet. */
  let ahead: Service['bff'];
  let fleet: ChildProcess[];
  let sessionId: string;

  const answerOf = async (worker: ChildProcess): Promise<string[]> => {
    const [answers] = (await once(worker, 'message')) as [string[]];
    return answers;
  };
  const ask = (worker: ChildProcess, times: number): Promise<string[]> => {
    const order: FleetOrder = { sessionId, times };
    worker.send(order);
    return answerOf(worker);
  };
  const refreshes = (): number => service.provider.grants.get('refresh_token') ?? 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pawl-bff-'));
    const address = addressIn(folder);
    shared = await openSharedStore(address);
    service = await startService({ dpop: true, requireNonce: true, store: shared.store });
    ahead = service.node({ clock: () => Date.now() + lifetime });
    const { issuer } = service.provider;
    const args = [address, issuer, service.origin, clientSecret, secret, String(lifetime)];
    fleet = Array.from({ length: 8 }, () =>
      fork(join(import.meta.dirname, 'fleet-worker.ts'), args, {
        execArgv: ['--conditions=@pawl/source', '--disable-warning=ExperimentalWarning'],
      }),
    );
    await Promise.all(fleet.map(answerOf));
  }, 60_000);

  beforeEach(async () => {
    sessionId = await service.login(service.open());
    service.provider.grants.clear();
  });

  afterAll(async () => {
    const gone = fleet.map(async (worker) => {
      if (worker.exitCode !== null || worker.signalCode !== null) return;
      const exit = once(worker, 'exit');
      if (worker.connected) worker.disconnect();
      await exit;
    });
    await Promise.all(gone);
    await service.close();
    await shared.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** The token in the session, in the form in which the fleet reports it. */
  const held = async (): Promise<string> => {
    const { accessToken } = await ahead.upstream.getUpstreamToken(sessionId);
    return createHash('sha256').update(accessToken).digest('hex');
  };

  it('E15: × 50 requests around an expiring token cause one refresh', {
    timeout: 60_000,
  }, async () => {
    const answers = (await Promise.all(fleet.map((worker) => ask(worker, 50)))).flat();
    expect(answers).toHaveLength(400);
    expect(refreshes()).toBe(1);
    expect(service.provider.refused()).toBe(0);
    expect([...new Set(answers)]).toEqual([await held()]);
    expect(refreshes()).toBe(1);
  });

  it('the lease holder is suspended: it does not overwrite newer tokens', {
    timeout: 60_000,
  }, async () => {
    service.provider.trouble.push('silence');
    const [holder, ...others] = fleet as [ChildProcess, ...ChildProcess[]];
    const stalled = ask(holder, 10);
    while (service.provider.trouble.length > 0) await pause(10);
    holder.kill('SIGSTOP');
    const answers = (await Promise.all(others.map((worker) => ask(worker, 20)))).flat();
    expect(refreshes()).toBe(1);
    const before = await held();
    expect([...new Set(answers)]).toEqual([before]);
    await pause(3_000);
    holder.kill('SIGCONT');
    expect([...new Set(await stalled)]).toEqual([before]);
    expect(await held()).toBe(before);
    expect(refreshes()).toBe(1);
  });

  const askAll = async (): Promise<string[]> =>
    (await Promise.all(fleet.map((worker) => ask(worker, 50)))).flat();
  const kindsOf = (answers: readonly string[]): Set<string> =>
    new Set(answers.map((answer) => (answer.startsWith('ERR_') ? answer : 'token')));

  it('E16: all wait for a slow provider, which is asked once', {
    timeout: 60_000,
  }, async () => {
    service.provider.trouble.push({ late: 2_500 });
    const answers = await askAll();
    expect(refreshes()).toBe(1);
    expect(new Set(answers)).toEqual(new Set([await held()]));
    expect(service.provider.refused()).toBe(0);
  });

  const empty = JSON.stringify({ access_token: '', token_type: 'DPoP', refresh_token: '' });
  it.each<[string, Trouble]>([
    ['an error', { status: 500, body: 'oops' }],
    ['an error of another kind', { status: 400, body: '{"error":"invalid_request"}' }],
    ['nothing', { status: 200, body: '' }],
    ['an object with nothing in it', { status: 200, body: '{}' }],
    ['tokens of no length', { status: 200, body: empty }],
    ['a reset', 'reset'],
  ])(
    'E16: %s is nobody’s token, ends nothing, and the next who asks gets one',
    {
      timeout: 60_000,
    },
    async (_, trouble) => {
      // Every process gets this response once, and some of them twice.
      service.provider.trouble.push(...Array.from({ length: 12 }, () => trouble));
      const failed = await askAll();
      const outage = 'ERR_UPSTREAM_UNAVAILABLE';
      expect(failed).toHaveLength(400);
      expect([...kindsOf(failed)].filter((kind) => kind !== 'token')).toEqual([outage]);
      service.provider.trouble.length = 0;
      const answers = await askAll();
      expect(refreshes()).toBe(1);
      expect(new Set(answers)).toEqual(new Set([await held()]));
      expect(service.provider.refused()).toBe(0);
    },
  );

  it('E16: invalid_grant ends the session for all, after one request', {
    timeout: 60_000,
  }, async () => {
    const refusal: Trouble = { status: 400, body: '{"error":"invalid_grant"}' };
    service.provider.trouble.push(refusal, refusal);
    expect(kindsOf(await askAll())).toEqual(new Set(['ERR_SESSION_REVOKED']));
    expect(service.provider.trouble.splice(0)).toHaveLength(1);
    expect(refreshes()).toBe(0);
    await expect(service.bff.sessions.get(sessionId)).rejects.toMatchObject({
      code: 'ERR_SESSION_REVOKED',
    });
    expect(kindsOf(await askAll())).toEqual(new Set(['ERR_SESSION_REVOKED']));
  });

  it('E16: the lease holder is killed: another process refreshes, once', {
    timeout: 60_000,
  }, async () => {
    service.provider.trouble.push('silence');
    const [holder, ...others] = fleet as [ChildProcess, ...ChildProcess[]];
    holder.send({ sessionId, times: 50 } satisfies FleetOrder);
    while (service.provider.trouble.length > 0) await pause(10);
    const waiting = others.map((worker) => ask(worker, 50));
    await pause(200);
    expect(refreshes()).toBe(0);
    holder.kill('SIGKILL');
    const answers = (await Promise.all(waiting)).flat();
    expect(refreshes()).toBe(1);
    expect([...new Set(answers)]).toEqual([await held()]);
  });
});
