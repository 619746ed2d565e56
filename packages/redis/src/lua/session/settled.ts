import { sessionOrder } from './order.ts';
import { pendingRevocations } from './pending.ts';
import { revocation } from './revocation.ts';

/**
 * Ends the session `s` of `KEYS[1]` if a pending revocation covers it. The functions for that are only
 * defined for the few sessions that may be covered. Needs `session/record.ts`.
 */
export const settled: string = `
if has(s, MANY) then
${revocation}
${sessionOrder}
${pendingRevocations}
settle(KEYS[1], s, now)
end
`;
