import type { Memory } from './probe.ts';
import type { Traffic } from './run.ts';

export interface Report {
  readonly count: number;
  readonly seconds: number;
  readonly warmUp: Traffic;
  readonly traffic: Traffic;
  /** Before and after the traffic, while the demo is idle. */
  readonly memory: { readonly early: Memory; readonly late: Memory };
  readonly lost: number;
}

/** The maximum ratio of live memory after the traffic to that before. */
const tolerance = 1.1;

/** Returns what failed, as sentences. */
export const findProblems = ({ warmUp, traffic, memory, lost }: Report): readonly string[] => {
  const problems: string[] = [];
  for (const { statuses, errors } of [warmUp, traffic]) {
    const bad = Object.entries(statuses).filter(([status]) => status !== '200');
    if (bad.length > 0) problems.push(`not only 200: ${JSON.stringify(Object.fromEntries(bad))}`);
    if (errors > 0) problems.push(`${errors} connections broke or timed out`);
  }
  if (lost > 0) problems.push(`${lost} sessions were lost`);
  const growth = memory.late.live / memory.early.live;
  // Written so that NaN fails as well.
  if (!(growth <= tolerance)) problems.push(`memory grew to ${growth.toFixed(2)} times`);
  return problems;
};

export const print = ({ count, seconds, traffic, memory, lost }: Report): void => {
  const { requests, perSecond, latency, statuses, errors } = traffic;
  console.log(`${count} users for ${seconds} s, no pause between requests`);
  console.log(`requests   ${requests} (${Math.round(perSecond)} per second)`);
  console.log(`latency    p50 ${latency.p50} ms, p99 ${latency.p99} ms, max ${latency.max} ms`);
  console.log(`statuses   ${JSON.stringify(statuses)}, ${errors} errors`);
  console.log(`sessions   ${lost} lost`);
  const { early, late } = memory;
  const [live, resident] = (['live', 'resident'] as const).map(
    (kind) => `${Math.round(early[kind])} → ${Math.round(late[kind])} MiB ${kind}`,
  );
  console.log(`memory     ${live}, ${resident}, after a collection each`);
};
