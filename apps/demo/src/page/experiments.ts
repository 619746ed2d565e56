import { call, pause, problemOf, type Reply, refresh } from './api.ts';
import { onPress, say } from './dom.ts';
import { allEntries } from './timeline.ts';

/** The settings of the service that the page depends on. */
export interface Settings {
  /** Whether the experiments are available. */
  readonly experiments: boolean;
  /** Whether the service can send codes to sign in with. */
  readonly codes: boolean;
  /** In ms. */
  readonly settle_period: number;
}

/** In ms: how much later than the responses the events arrive. */
const eventDelay = 250;

export const setUpExperiments = ({ settle_period: settlePeriod }: Settings): void => {
  const settled = settlePeriod + 100;

  onPress('experiment-tabs', async () => {
    await attempt('experiment-tabs-result', async () => {
      await settle(settled, 'experiment-tabs-result');
      // Opens five connections first: a request that has to open one would not be simultaneous.
      await Promise.all(Array.from({ length: 5 }, () => fetch('/health', { cache: 'no-store' })));
      const before = allEntries().length;
      const replies = await Promise.all(Array.from({ length: 5 }, () => refresh()));
      await pause(eventDelay);
      const failed = replies.find(({ ok }) => !ok);
      if (failed) throw new Error(problemOf(failed));
      const added = allEntries().slice(before);
      const count = (type: string): number => added.filter((one) => one.type === type).length;
      // A request that left after the first response carries the new token: settled.
      const same = count('session.replayed') + count('session.settled');
      return `Five responses, all of them 200: ${count('session.rotated')} rotation, and ${same} times the same pair of tokens again. Nobody was signed out.`;
    });
  });

  onPress('experiment-lost', async () => {
    await attempt('experiment-lost-result', async () => {
      await settle(settled, 'experiment-lost-result');
      expectOk(await call('POST', '/refresh/lose-reply'));
      say('experiment-lost-result', 'The reply is lost. The browser retries with the old token …');
      await pause(900);
      expectOk(await refresh());
      return 'The retry returned the same tokens as the lost reply. You are still signed in.';
    });
  });

  onPress('experiment-thief', async () => {
    await attempt('experiment-thief-result', async () => {
      const report = (text: string): void => say('experiment-thief-result', text);
      await settle(settled, 'experiment-thief-result');
      expectOk(await call('POST', '/refresh/steal'));
      for (const step of ['once', 'twice']) {
        report(`The token is copied. You continue: your token is rotated ${step} …`);
        expectOk(await refresh());
        // The first use of the new token proves that it arrived. The old one is not accepted now.
        expectOk(await call('GET', '/content'));
        await pause(Math.max(settled, 700));
      }
      report('Now the thief presents the copy …');
      const reply = await call<{ outcome?: string }>('POST', '/refresh/replay-stolen');
      expectOk(reply);
      return reply.body.outcome === 'refused'
        ? 'Refused. The session has ended, for you and for the thief.'
        : 'Not detected yet: the thief has the same tokens as you. It is detected when the second of you refreshes.';
    });
  });
};

const expectOk = (reply: Reply): void => {
  if (!reply.ok) throw new Error(problemOf(reply));
};

/** Waits until the token has settled: a new token is only returned again, which shows less. */
const settle = async (period: number, result: string): Promise<void> => {
  const rotatedAt = allEntries().findLast(({ type }) => type === 'session.rotated')?.at ?? 0;
  const rest = rotatedAt + period - Date.now();
  if (rest <= 0) return;
  say(result, `The token was rotated a moment ago. Waiting ${Math.ceil(rest / 1_000)} s …`);
  await pause(rest);
};

const attempt = async (result: string, work: () => Promise<string>): Promise<void> => {
  say(result, 'Trying …');
  try {
    say(result, await work());
  } catch (error) {
    say(result, error instanceof Error ? error.message : 'That did not work.', true);
  }
};
