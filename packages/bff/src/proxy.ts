export type { ProxyEvent, ProxyEventListener } from './proxy/events.ts';
export type { ProxyOptions, ProxyRoute } from './proxy/options.ts';
export { createProxy, type Proxy } from './proxy/proxy.ts';
