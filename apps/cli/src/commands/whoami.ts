import { ask, problemOf, type Reply } from '../ask.ts';
import type { Command } from '../command.ts';
import type { Session } from '../session.ts';

/** Asks the service who this is. Tokens are refreshed on the way, where they have to be. */
export const whoami: Command = async (session, { say }) => {
  const token = await session.login.getAccessToken();
  if (token === undefined) return nobody(say);
  let reply = await content(session, token);
  if (reply.status === 401) {
    // Refused before its time: another one, or none any more.
    const other = await session.login.getAccessToken({ refused: token });
    if (other === undefined) return nobody(say);
    reply = await content(session, other);
  }
  if (reply.status !== 200) {
    say(`The service does not say: ${problemOf(reply)}.`);
    return 1;
  }
  const { name } = reply.body['user'] as { readonly name: string };
  say(`${name} at ${session.service.origin}`);
  return 0;
};

const nobody = (say: (text: string) => void): number => {
  say('Nobody is logged in.');
  return 1;
};

const content = ({ service }: Session, accessToken: string): Promise<Reply> =>
  ask({ method: 'GET', url: new URL('/content', service), accessToken });
