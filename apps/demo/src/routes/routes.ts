import type { Service } from '../service.ts';
import { accountRoutes } from './accounts.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { codeRoutes } from './codes.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { openApiRoutes } from './openapi.ts';
import { pageRoutes } from './page.ts';
import { plainRoutes } from './plain.ts';
import { protocolRoutes } from './protocol.ts';
import type { Route } from './route.ts';
import { stepUpRoutes } from './step-up.ts';

/** Creates all routes of the demo, without those of Pawl. */
export const createRoutes = async (service: Service): Promise<readonly Route[]> => {
  const routes = [
    ...healthRoutes(service),
    ...accountRoutes(service),
    ...stepUpRoutes(service),
    ...codeRoutes(service),
    ...apiKeyRoutes(service),
    ...eventRoutes(service),
    ...plainRoutes(service),
  ].map((route) => (service.config.rateLimits ? route : { ...route, limit: null }));
  return [
    ...routes,
    ...openApiRoutes(service, routes),
    ...protocolRoutes(service),
    ...(await pageRoutes(service)),
  ];
};
