import { createHash } from 'node:crypto';
import { createBff } from '../src/bff.ts';
import { openSharedStore } from './shared-store.ts';

/** A process that asks for a session's upstream token, many times at once, when it is told to. */
const [address = '', issuer = '', origin = '', clientSecret = '', secret = '', ahead = '0'] =
  process.argv.slice(2);

/** What a process of the fleet is told to do. */
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
  // Its clock is ahead: the token of the login is over.
  clock: () => Date.now() + Number(ahead),
});

/** A hash of the token, or the code of the error. */
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
