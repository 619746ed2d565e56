import type { Entry } from '../../src/timeline/entry.ts';

/** One server-sent event. */
export interface StreamEvent {
  readonly name: string;
  readonly data: unknown;
  /** In ms since the epoch: when it was heard. */
  readonly heardAt: number;
}

/** Listens to a session's events until the stream ends. */
export const listen = async (
  port: number,
  cookie: string,
): Promise<{ readonly heard: StreamEvent[]; readonly ended: Promise<void> }> => {
  const response = await fetch(`http://127.0.0.1:${port}/events`, { headers: { cookie } });
  if (response.status !== 200 || !response.body) throw new Error(`answered ${response.status}`);
  const heard: StreamEvent[] = [];
  const stream = response.body.pipeThrough(new TextDecoderStream());
  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of stream) {
      const parts = (rest + chunk).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(part) ?? [];
        if (name) heard.push({ name, data: JSON.parse(data ?? ''), heardAt: Date.now() });
      }
    }
  };
  return { heard, ended: read() };
};

/** The entries that came one by one. */
export const entriesOf = (heard: readonly StreamEvent[]): Entry[] =>
  heard.filter(({ name }) => name === 'entry').map(({ data }) => data as Entry);
