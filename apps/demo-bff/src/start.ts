import { generateSecret } from '@pawl/core';
import { startApi } from './api/api.ts';
import { type BffWatch, startBff } from './bff/bff.ts';
import { type Config, type Places, placesOf } from './config.ts';
import { startProvider } from './provider/provider.ts';

/** All four: the provider, the API, the BFF, and the page that the BFF serves. */
export interface RunningDemo extends Places, AsyncDisposable {}

/** @throws ConfigurationError, or the system's error where a port is taken: then nothing is left running */
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
