import { failOver, pass, resume, use } from './operations.ts';
import { type Aim, hasSessions, type Step, step } from './steps.ts';

/** In ms. */
export const second: number = 1_000;
export const minute: number = 60 * second;
export const hour: number = 60 * minute;
export const day: number = 24 * hour;

const scene = (name: string, parts: readonly Step[]): Step =>
  step(
    `${name}: ${parts.join(', ')}`,
    async (world) => {
      for (const part of parts) if (part.check({ world })) await part.run({ world }, world);
    },
    hasSessions,
  );

/**
 * A rotation whose token is used or not, a pause, and late callers with the previous token. Most rows of
 * the table are about this situation, which single random steps seldom reach.
 */
export const lateCallers = (
  aim: Aim,
  present: (aim: Aim) => Step,
  used: boolean,
  wait: number,
  callers: number,
): Step =>
  scene('lateCallers', [
    pass(10 * minute),
    present({ ...aim, back: 0 }),
    ...(used ? [resume({ ...aim, back: 0 }, false)] : []),
    pass(wait),
    ...Array.from({ length: callers }, (_, i) => present({ ...aim, back: 1, node: i })),
  ]);

/** Late replays in several generations in a row, as of a client whose replies are always lost. */
export const lateRun = (
  aim: Aim,
  present: (aim: Aim) => Step,
  generations: number,
  twice: boolean,
): Step =>
  scene(
    'lateRun',
    Array.from({ length: generations }, () => [
      pass(10 * minute),
      present({ ...aim, back: 0 }),
      pass(hour),
      present({ ...aim, back: 1 }),
      ...(twice ? [pass(minute), present({ ...aim, back: 1, driver: 'twice' as const })] : []),
    ]).flat(),
  );

/** Rotations that a failover loses, and their tokens presented together with those of the new history. */
export const loseRotations = (
  aim: Aim,
  present: (aim: Aim) => Step,
  lost: number,
  begun: number,
  used: boolean,
  wait: number,
): Step =>
  scene('loseRotations', [
    ...Array.from({ length: lost }, () => [pass(10 * minute), present({ ...aim, back: 0 })]).flat(),
    failOver(2 * lost),
    ...Array.from({ length: begun }, () => [
      present({ ...aim, back: 0, line: 1 }),
      ...(used ? [resume({ ...aim, back: 0, line: 1 }, false)] : []),
      pass(10 * minute),
    ]).flat(),
    pass(wait),
    present({ ...aim, back: begun - lost }),
    pass(wait),
    use({ ...aim, back: begun - lost }),
    present({ ...aim, back: 0 }),
    pass(wait),
    present({ ...aim, back: begun - lost }),
  ]);
