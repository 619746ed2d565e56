import type { Entry } from '../../src/timeline/entry.ts';

/** One server-sent event. */
export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
  /** When it was received, in ms since the epoch. */
  readonly receivedAt: number;
}

/** Listens to a session's events until the stream ends. */
export const listen = async (
  port: number,
  cookie: string,
): Promise<{ readonly received: StreamEvent[]; readonly ended: Promise<void> }> => {
  const response = await fetch(`http://127.0.0.1:${port}/events`, { headers: { cookie } });
  if (response.status !== 200 || !response.body)
    throw new Error(`the response is ${response.status}`);
  const received: StreamEvent[] = [];
  const stream = response.body.pipeThrough(new TextDecoderStream());
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of stream) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (name) received.push({ name, data: JSON.parse(data ?? ''), receivedAt: Date.now() });
      }
    }
  };
  return { received, ended: read() };
};

/** Returns the entries that were received one by one, without the history. */
export const entriesOf = (received: readonly StreamEvent[]): Entry[] =>
  received.filter(({ name }) => name === 'entry').map(({ data }) => data as Entry);
