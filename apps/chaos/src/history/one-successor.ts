import { mayBeLost, type Rule } from './expectations.ts';
import { exchanges, type Operation } from './operation.ts';

/**
 * I1: every caller who presents the same token receives the same successor, or the token itself
 * while it settles; and only one token per generation is valid.
 */
export const oneSuccessor: Rule = ({ operations }, expectations) => {
  const problems: string[] = [];
  const minted = new Map<number, Operation[]>();
  const rotations = new Map<number, Operation>();
  for (const operation of operations) {
    const { minted: token, outcome, generation } = operation;
    if (!token) continue;
    const expected = outcome === 'settled' || outcome === 'created' ? 0 : 1;
    if (outcome !== 'created' && token.generation !== generation + expected) {
      problems.push(`${outcome}: generation ${generation} got ${token.generation}`);
    }
    if (outcome === 'settled' && token.token !== operation.token) {
      problems.push('settled: the returned token differs from the presented one');
    }
    const others = minted.get(token.generation) ?? [];
    const different = others.find((other) => other.minted?.token !== token.token);
    // If the store has lost a successor, it must not be accepted: `bothAccepted` checks that.
    if (different && !mayBeLost(different, expectations)) {
      problems.push(`two tokens of generation ${token.generation}`);
    }
    minted.set(token.generation, [...others.filter((other) => other !== different), operation]);
    if (outcome !== 'rotated') continue;
    const first = rotations.get(generation);
    if (first && !mayBeLost(first, expectations)) {
      problems.push(`generation ${generation} was rotated twice`);
    }
    rotations.set(generation, operation);
  }
  return [...problems, ...bothAccepted(operations, expectations)];
};

/** Two tokens of one generation must not both be exchanged after the store has recovered. */
const bothAccepted = (
  operations: readonly Operation[],
  { losses }: Parameters<Rule>[1],
): string[] => {
  const over = Math.max(0, ...losses.map(([, to]) => to));
  const accepted = new Map<number, string>();
  const problems: string[] = [];
  for (const { invoked, generation, token, outcome } of operations) {
    if (token === null || invoked < over || !exchanges.has(outcome)) continue;
    const known = accepted.get(generation) ?? token;
    if (known !== token) problems.push(`a fork of generation ${generation} was accepted`);
    accepted.set(generation, known);
  }
  return problems;
};
