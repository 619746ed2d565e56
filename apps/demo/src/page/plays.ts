import { call, pause, problemOf, type Reply, refresh } from './api.ts';
import { onPress, say } from './dom.ts';
import { known } from './timeline.ts';

/** How the service is set up, as far as the plays depend on it. */
export interface Settings {
  readonly plays: boolean;
  /** Whether it can send codes to log in with. */
  readonly codes: boolean;
  /** In ms. */
  readonly settle_period: number;
}

/** In ms: for the stream of events, which is a little later than the answers. */
const hearing = 250;

export const setUpPlays = ({ settle_period: settlePeriod }: Settings): void => {
  const settled = settlePeriod + 100;

  onPress('play-tabs', async () => {
    await attempt('play-tabs-result', async () => {
      await settle(settled, 'play-tabs-result');
      // Five connections first: a tab that has to open one is not "at once".
      await Promise.all(Array.from({ length: 5 }, () => fetch('/health', { cache: 'no-store' })));
      const before = known().length;
      const replies = await Promise.all(Array.from({ length: 5 }, () => refresh()));
      await pause(hearing);
      const failed = replies.find(({ ok }) => !ok);
      if (failed) throw new Error(problemOf(failed));
      const heard = known().slice(before);
      const count = (type: string): number => heard.filter((one) => one.type === type).length;
      // A request that left after the first answer was in has the new token: settled.
      const same = count('session.replayed') + count('session.settled');
      return `Five answers, five times 200: ${count('session.rotated')} rotation, and ${same} times the very same pair again. Nobody was signed out.`;
    });
  });

  onPress('play-lost', async () => {
    await attempt('play-lost-result', async () => {
      await settle(settled, 'play-lost-result');
      expectOk(await call('POST', '/refresh/lose-reply'));
      say('play-lost-result', 'The reply is lost. The browser tries again with the old token …');
      await pause(900);
      expectOk(await refresh());
      return 'The retry got what the lost reply had in it. You are still signed in.';
    });
  });

  onPress('play-thief', async () => {
    await attempt('play-thief-result', async () => {
      const say1 = (text: string): void => say('play-thief-result', text);
      await settle(settled, 'play-thief-result');
      expectOk(await call('POST', '/refresh/steal'));
      for (const step of ['once', 'twice']) {
        say1(`The token is copied. You go on: your token turns ${step} …`);
        expectOk(await refresh());
        // The first use of the new token: from here on the old one has no excuse.
        expectOk(await call('GET', '/content'));
        await pause(Math.max(settled, 700));
      }
      say1('Now the thief presents the copy …');
      const reply = await call<{ outcome?: string }>('POST', '/refresh/replay-stolen');
      expectOk(reply);
      return reply.body.outcome === 'refused'
        ? 'Refused. The session is over, for both of you.'
        : 'Not noticed yet: the thief got what you have. Whoever of you comes second will be.';
    });
  });
};

const expectOk = (reply: Reply): void => {
  if (!reply.ok) throw new Error(problemOf(reply));
};

/** A token that is only just new is answered with itself: there is more to see a moment later. */
const settle = async (period: number, result: string): Promise<void> => {
  const turned = known().findLast(({ type }) => type === 'session.rotated')?.at ?? 0;
  const rest = turned + period - Date.now();
  if (rest <= 0) return;
  say(result, `The token was renewed a moment ago. Waiting ${Math.ceil(rest / 1_000)} s …`);
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
