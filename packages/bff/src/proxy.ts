export type { ProxyEvent, ProxyEventListener } from './proxy/events.ts';
export type { AddedHeaders } from './proxy/headers/allowed-headers.ts';
export type { ProxyOptions, ProxyRoute } from './proxy/options.ts';
export { type ApiProxy, createProxy } from './proxy/proxy.ts';
