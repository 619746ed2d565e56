import type { RedisClient } from './client.ts';

interface Closings {
  readonly listeners: Set<() => void>;
  readonly detach: () => void;
}

/** Per client, so that many stores on one client need only one listener of its connections. */
const closingsOf = new WeakMap<RedisClient, Closings>();

/**
 * Calls the listener whenever a connection of the client to a server closes, until the returned function
 * is called.
 */
export const onConnectionClosed = (client: RedisClient, listener: () => void): (() => void) => {
  // A function of its own, so that the same listener can be given twice.
  const entry = (): void => listener();
  const closings = closingsOf.get(client) ?? attach(client);
  closings.listeners.add(entry);
  return () => {
    if (!closings.listeners.delete(entry) || closings.listeners.size > 0) return;
    closings.detach();
    closingsOf.delete(client);
  };
};

const attach = (client: RedisClient): Closings => {
  const listeners = new Set<() => void>();
  const onClose = (): void => {
    for (const listener of listeners) listener();
  };
  const nodes = new Set<RedisClient>();
  const onNode = (node: RedisClient): void => {
    nodes.add(node);
    node.on?.('close', onClose);
  };
  if (client.isCluster) {
    for (const node of client.nodes?.() ?? []) onNode(node);
    // A Cluster discovers nodes later, too.
    client.on?.('+node', onNode);
  } else {
    onNode(client);
  }
  const detach = (): void => {
    client.off?.('+node', onNode);
    for (const node of nodes) node.off?.('close', onClose);
  };
  const closings = { listeners, detach };
  closingsOf.set(client, closings);
  return closings;
};
