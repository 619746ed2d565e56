import type { Measured } from './measure.ts';
import type { Spread } from './spread.ts';

/** A ratio, and its bound if it has one. */
export interface Rule {
  readonly name: string;
  readonly ratio: Spread;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export interface Section {
  readonly measured: Measured;
  readonly rules: readonly Rule[];
}

const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const spread = ({ median, min, max }: Spread): string =>
  `${figure(median).padStart(7)}  (${figure(min)}–${figure(max)})`;

export const holds = ({ ratio, atLeast = -Infinity, atMost = Infinity }: Rule): boolean =>
  ratio.median >= atLeast && ratio.median <= atMost;

const verdict = (rule: Rule): string => {
  const { atLeast, atMost } = rule;
  if (atLeast === undefined && atMost === undefined) return '';
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `  ${bound} ${holds(rule) ? 'holds' : 'FAILS'}`;
};

/** Formats a section as text: the times, then the ratios, which are the result. */
export const sectionText = ({ measured, rules }: Section): string => {
  const lines = [`\n${measured.title}   (µs per operation, ${measured.rounds} rounds)`];
  for (const candidate of measured.candidates) {
    lines.push(`  ${candidate.name.padEnd(52)} ${spread(candidate.spread)}`);
  }
  for (const rule of rules) {
    lines.push(`  × ${rule.name}`, `    ${' '.repeat(50)} ${spread(rule.ratio)}${verdict(rule)}`);
  }
  return lines.join('\n');
};
