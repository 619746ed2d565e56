import { type Heist, retryPause, type Strategy, visit } from './heist.ts';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** Uses the session again and again, whenever `pause` says, and keeps every successor. */
const again =
  (pause: (heist: Heist) => number): Strategy =>
  (heist) => {
    const { timeline, chance } = heist;
    const go = async (): Promise<void> => {
      const reply = await visit(heist);
      if (reply === 'out') return;
      timeline.after(reply === 'retry' ? chance.between(...retryPause) : pause(heist), go);
    };
    timeline.after(0, go);
  };

/** Uses the session as often as he likes, and knows of nothing. */
export const busy: Strategy = again(({ chance }) => chance.exponential(5 * minute));

/** Polls behind the owner, to be given what the owner is given. */
export const follow: Strategy = again(({ chance }) => chance.between(20 * second, 40 * second));

/** Looks in once a day. */
export const probe: Strategy = again(({ chance }) => day * chance.between(0.9, 1.1));

/** Uses the session while he may, and looks again in a minute where he may not. */
const whenever =
  (mayUse: (heist: Heist) => () => boolean, pause: readonly [number, number]): Strategy =>
  (heist) => {
    const { timeline, chance } = heist;
    const isNow = mayUse(heist);
    const go = async (): Promise<void> => {
      const reply = isNow() ? await visit(heist) : null;
      if (reply === 'out') return;
      timeline.after(
        reply === 'in' ? chance.between(...pause) : chance.between(20 * second, minute),
        go,
      );
    };
    timeline.after(0, go);
  };

/** Uses the session only when the owner has been away for ten minutes. */
export const absence: Strategy = whenever(
  ({ sight, timeline }) => {
    let lastOnline = timeline.now();
    return () => {
      if (sight.isOnline()) lastOnline = timeline.now();
      return timeline.now() - lastOnline > 10 * minute;
    };
  },
  [minute, 2 * minute],
);

/** Uses the session only while the owner is online, so that it looks like one more tab. */
export const presence: Strategy = whenever(
  ({ sight }) => sight.isOnline,
  [10 * second, 30 * second],
);
