import { tasks } from './tasks.ts';

interface Order {
  readonly name: keyof typeof tasks;
  readonly task: never;
}

const run = async ({ name, task }: Order): Promise<void> => {
  try {
    process.send?.({ result: await tasks[name](task) });
  } catch (error) {
    process.send?.({ error: String(error), cause: String((error as Error).cause) });
  }
};

process.on('message', (order: Order) => void run(order));
process.on('disconnect', () => process.exit());
