import type { Violation } from '../history/check.ts';
import type { Operation } from '../history/operation.ts';
import type { Run } from './summary.ts';

/** The result of one store in one experiment, as one line. */
export const resultLine = ({ result, seconds }: Run): string => {
  const { store, operations, faults, violations, found } = result;
  const verdict = violations.length === 0 ? 'ok' : `${violations.length} VIOLATIONS`;
  const calls = operations.toLocaleString('en');
  return `  ${store}: ${verdict} · ${calls} operations · ${faults} · ${found} · ${seconds.toFixed(0)} s`;
};

/** A violation and the last calls of its session. */
export const violationText = ({ rule, problem, sessionId, trace }: Violation): string =>
  [`    ${rule}: ${problem} (session ${sessionId})`, ...trace.slice(-12).map(operationText)].join(
    '\n',
  );

const operationText = ({ minted, ...operation }: Operation): string => {
  const { invoked, answered, node, actor, kind, generation, token, outcome } = operation;
  const presented = generation >= 0 ? ` ${generation}:${token ?? 'access'}` : '';
  const got = minted ? ` → ${minted.generation}:${minted.token}` : '';
  const detail = operation.detail ? ` (${operation.detail})` : '';
  const span = `${(invoked / 1_000).toFixed(1)} … ${(answered / 1_000).toFixed(1)}`;
  return `      ${span} ${node} ${actor} ${kind}${presented}: ${outcome}${got}${detail}`;
};
