import { generateSecret } from '@pawl/core';
import { startApi } from './api/api.ts';
import { type BffWatch, startBff } from './bff/bff.ts';
import { type Config, type Places, placesOf } from './config.ts';
import { startProvider } from './provider/provider.ts';

/** The provider, the API and the BFF, which serves the page. */
export interface RunningDemo extends Places, AsyncDisposable {}

/**
 * Starts everything. If a part fails to start, the others are stopped.
 *
 * @throws ConfigurationError for a wrong setting, or a port that is in use
 */
export const startDemo = async (config: Config, watch: BffWatch = {}): Promise<RunningDemo> => {
  const places = placesOf(config);
  const client = { clientId: 'demo-bff', clientSecret: generateSecret() };
  await using started = new AsyncDisposableStack();
  started.use(await startProvider(config, places, client));
  started.use(await startApi(config, places));
  started.use(await startBff(config, places, client, watch));
  const running = started.move();
  return { ...places, [Symbol.asyncDispose]: () => running.disposeAsync() };
};
