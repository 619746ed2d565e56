import { call, pause, problemOf, type Reply, refresh } from './api.ts';
import { onPress, say } from './dom.ts';
import type { Settings } from './settings.ts';
import { allEntries, rotatedAt } from './timeline.ts';

/** In ms: how much later than the responses the events arrive. */
const eventDelay = 250;

export const setUpExperiments = (settings: Settings): void => {
  const settled = settings.settle_period + 100;
  const isPair = settings.cookies === 'pair';
  const settle = (result: string): Promise<void> => waitUntilSettled(settings, settled, result);

  onPress('experiment-tabs', async () => {
    await attempt('experiment-tabs-result', async () => {
      await settle('experiment-tabs-result');
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
      const again = isPair ? 'pair of tokens' : 'cookie';
      return `Five responses, all of them 200: ${count('session.rotated')} rotation, and ${same} times the same ${again} again. Nobody was signed out.`;
    });
  });

  onPress('experiment-lost', async () => {
    await attempt('experiment-lost-result', async () => {
      await settle('experiment-lost-result');
      expectOk(await call('POST', '/refresh/lose-reply'));
      say('experiment-lost-result', 'The reply is lost. The browser retries with the old token …');
      await pause(900);
      expectOk(await (isPair ? refresh() : call('GET', '/content')));
      return isPair
        ? 'The retry returned the same tokens as the lost reply. You are still signed in.'
        : 'The next request returned the same cookie as the lost reply. You are still signed in.';
    });
  });

  onPress('experiment-thief', async () => {
    await attempt('experiment-thief-result', async () => {
      const report = (text: string): void => say('experiment-thief-result', text);
      await settle('experiment-thief-result');
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
        : 'Not detected yet: the thief has the same token as you. It is detected when one of you falls behind.';
    });
  });
};

const expectOk = (reply: Reply): void => {
  if (!reply.ok) throw new Error(problemOf(reply));
};

/** Waits until the token has settled: a new token is only returned again, which shows less. */
const waitUntilSettled = async (
  { cookies, rotate_after: rotateAfter }: Settings,
  period: number,
  result: string,
): Promise<void> => {
  const age = (): number => Date.now() - (rotatedAt() ?? 0);
  // A session cookie that is due would be rotated by any other request during the experiment.
  if (cookies === 'session' && age() > rotateAfter / 2) {
    expectOk(await refresh());
    await pause(eventDelay);
  }
  const rest = period - age();
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
