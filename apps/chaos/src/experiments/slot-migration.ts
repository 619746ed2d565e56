/** E10: slots of a Redis Cluster migrate while their sessions are refreshed. */

import { pause } from '@pawl/core/internal';
import { shardOf } from '@pawl/core/store';
import { type RedisServer, startRedisCluster } from '@pawl/servers';
import type { Experiment, Result, Scale } from '../experiment.ts';
import { count, disturb } from './load.ts';

const users = ['ann', 'bob', 'cem', 'dee'];

const migrate = async (scale: Scale): Promise<Result> => {
  const cluster = await startRedisCluster();
  const ports = cluster.masters.map(({ port }) => port);
  const address = { store: 'redis cluster', ports } as const;
  let [moves, keys] = [0, 0];
  try {
    const { history, violations } = await disturb({
      scale,
      nodes: [{ address }, { address }],
      load: { clients: 12, users },
      disturb: async () => {
        await pause(500);
        const slots = await Promise.all(users.map((user) => slotOf(cluster.masters, user)));
        const until = performance.now() + (scale.full ? 60_000 : 8_000);
        for (let i = 0; performance.now() < until; i++) {
          keys += await moveSlot(cluster.masters, slots[i % slots.length] as Slot);
          moves += 1;
        }
      },
      expectations: () => ({}),
    });
    return {
      store: 'redis cluster',
      operations: history.length,
      faults: `${moves} moves of ${users.length} hot slots, ${keys} keys`,
      violations,
      found: `${count(history, 'rotated')} rotated, ${count(history, 'ERR_STORE_UNAVAILABLE')} calls failed`,
    };
  } finally {
    await cluster.stop();
  }
};

/** A slot and the master that owns it; other nodes learn of a new owner with a delay. */
interface Slot {
  readonly number: number;
  owner: RedisServer;
}

/** Moves a slot from its owner to the next node, a few keys at a time. */
const moveSlot = async (masters: readonly RedisServer[], hot: Slot): Promise<number> => {
  const { number: slot, owner: from } = hot;
  const to = masters[(masters.indexOf(from) + 1) % masters.length] as RedisServer;
  const [fromId, toId] = [await from.text('CLUSTER', 'MYID'), await to.text('CLUSTER', 'MYID')];
  await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId);
  await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId);
  let moved = 0;
  for (;;) {
    const keys = (await from.command('CLUSTER', 'GETKEYSINSLOT', slot, 5)) as string[];
    if (keys.length === 0) break;
    await from.command('MIGRATE', to.host, to.port, '', 0, 5_000, 'KEYS', ...keys);
    moved += keys.length;
    await pause(5);
  }
  const others = masters.filter((master) => master !== to && master !== from);
  for (const node of [to, from, ...others]) {
    await node.command('CLUSTER', 'SETSLOT', slot, 'NODE', toId);
  }
  await pause(50);
  await untilAgreed(masters, slot, to);
  hot.owner = to;
  return moved;
};

/** Waits until all nodes know the owner of a slot. Outdated gossip could undo an earlier move. */
const untilAgreed = async (
  masters: readonly RedisServer[],
  slot: number,
  owner: RedisServer,
): Promise<void> => {
  for (const deadline = Date.now() + 5_000; Date.now() < deadline; await pause(50)) {
    const owners = await Promise.all(masters.map((master) => ownerIn(master, slot)));
    if (owners.every((port) => port === owner.port)) return;
  }
  throw new Error(`the nodes do not agree on the owner of slot ${slot}`);
};

/** The port of the owner of a slot, according to a node. */
const ownerIn = async (node: RedisServer, slot: number): Promise<number | undefined> => {
  const ranges = (await node.command('CLUSTER', 'SLOTS')) as [number, number, [string, number]][];
  return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1];
};

const slotOf = async (masters: readonly RedisServer[], user: string): Promise<Slot> => {
  const [first] = masters as [RedisServer];
  // The hash tag: the first two characters of the user's session ids.
  const tag = Buffer.from(shardOf(user)).toString('base64url').slice(0, 2);
  const number = (await first.command('CLUSTER', 'KEYSLOT', `{${tag}}`)) as number;
  const port = await ownerIn(first, number);
  return { number, owner: masters.find((master) => master.port === port) ?? first };
};

export const slotMigration: Experiment = {
  name: 'E10',
  title: 'slots of a Redis Cluster migrate under load',
  passes: 'no client receives an error',
  run: async (scale, report) => report(await migrate(scale)),
};
