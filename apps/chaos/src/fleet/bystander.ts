/** A thread with a connection of its own, in which one session of another user is checked all the time. */
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { newSession } from '@pawl/testkit';
import type { StoreAddress } from '../stores/address.ts';
import { connectStore } from '../stores/connect.ts';

/** How long the checks since the last report took, in ms. */
export interface BystanderReport {
  readonly calls: number;
  readonly median: number;
  readonly longest: number;
}

const { store, close } = connectStore(workerData as StoreAddress, { timeout: 120_000 });
const session = newSession();
await store.sessions.create(session);

let times: number[] = [];
let running = true;

parentPort?.on('message', (message: 'report' | 'stop') => {
  if (message === 'stop') running = false;
  const sorted = times.toSorted((a, b) => a - b);
  times = [];
  const report: BystanderReport = {
    calls: sorted.length,
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    longest: sorted.at(-1) ?? 0,
  };
  parentPort?.postMessage(report);
});
parentPort?.postMessage('ready');

while (running) {
  const began = performance.now();
  await store.sessions.find(session.sessionId);
  times.push(performance.now() - began);
  // A driver that never waits would otherwise keep messages from being received.
  await setImmediate();
}
await close();
parentPort?.close();
