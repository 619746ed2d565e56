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
 * The situation that most rows of the table are about, which single random steps
 * seldom reach: a rotation, its token used or not, a while, and stragglers.
 */
export const straggle = (
  aim: Aim,
  present: (aim: Aim) => Step,
  used: boolean,
  wait: number,
  stragglers: number,
): Step =>
  scene('straggle', [
    pass(10 * minute),
    present({ ...aim, back: 0 }),
    ...(used ? [resume({ ...aim, back: 0 }, false)] : []),
    pass(wait),
    ...Array.from({ length: stragglers }, (_, i) => present({ ...aim, back: 1, node: i })),
  ]);

/** A client whose replies are lost so often that it looks like a thief who leads. */
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

/** Rotations that a fail-over loses, and their tokens, presented beside those of the new history. */
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
