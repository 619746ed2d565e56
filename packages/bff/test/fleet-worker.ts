import { createHash } from 'node:crypto';
import { createBff } from '../src/bff.ts';
import { openSharedStore } from './shared-store.ts';

/** A process that requests the upstream token of a session, many times at once, on command. */
const [address = '', issuer = '', origin = '', clientSecret = '', secret = '', ahead = '0'] =
  process.argv.slice(2);

/** A command for a process of the fleet. */
export interface FleetOrder {
  readonly sessionId: string;
  readonly times: number;
}

const shared = await openSharedStore(address);
const bff = createBff({
  issuer,
  clientId: 'bff',
  clientSecret,
  origin,
  store: shared.store,
  secrets: [secret],
  leaseTtl: 1_500,
  providerTimeout: 4_000,
  dpop: true,
  // The clock is ahead, so that the token of the login has expired.
  clock: () => Date.now() + Number(ahead),
});

/** Returns a hash of the token, or the code of the error. */
const ask = (sessionId: string): Promise<string> =>
  bff.upstream.getUpstreamToken(sessionId).then(
    ({ accessToken }) => createHash('sha256').update(accessToken).digest('hex'),
    (error: { code?: string; message?: string }) => error.code ?? error.message ?? 'error',
  );

process.on('message', ({ sessionId, times }: FleetOrder) => {
  void Promise.all(Array.from({ length: times }, () => ask(sessionId))).then((answers) =>
    process.send?.(answers),
  );
});
process.on('disconnect', () => {
  void bff.close().then(() => shared.close());
});
process.send?.([]);
