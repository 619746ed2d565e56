import type { Command } from '../command.ts';
import { problemOf, type Reply, sendRequest } from '../service.ts';
import type { Session } from '../session.ts';

/** Asks the service who is logged in. Refreshes the token first, if necessary. */
export const whoami: Command = async (session, { say }) => {
  const token = await session.login.getAccessToken();
  if (token === undefined) return reportNobody(say);
  let reply = await getContent(session, token);
  if (reply.status === 401) {
    // Refused before it expired: get another token.
    const other = await session.login.getAccessToken({ refused: token });
    if (other === undefined) return reportNobody(say);
    reply = await getContent(session, other);
  }
  if (reply.status !== 200) {
    say(`The service refused: ${problemOf(reply)}.`);
    return 1;
  }
  const { user, name } = reply.body;
  const who = name === user ? String(user) : `${String(name)} (${String(user)})`;
  say(`${who} at ${session.service.origin}`);
  return 0;
};

const reportNobody = (say: (text: string) => void): number => {
  say('Nobody is logged in.');
  return 1;
};

const getContent = ({ service }: Session, accessToken: string): Promise<Reply> =>
  sendRequest({ method: 'GET', url: new URL('/content', service), accessToken });
