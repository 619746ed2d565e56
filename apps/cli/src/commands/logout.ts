import { ask, problemOf } from '../ask.ts';
import type { Command } from '../command.ts';

/** Forgets the login here, then ends the session on the service. Twice is fine. */
export const logout: Command = async ({ service, login }, { say }) => {
  const ended = await login.logout();
  if (!ended) {
    say('Nobody is logged in.');
    return 0;
  }
  try {
    const reply = await ask({
      method: 'POST',
      url: new URL('/logout', service),
      // An expired one will do.
      accessToken: ended.accessToken,
    });
    if (reply.status === 200) {
      say('Logged out.');
      return 0;
    }
    say(`Forgotten here, but the service did not end the session: ${problemOf(reply)}.`);
  } catch {
    say('Forgotten here, but the service does not answer: its session ends by itself in time.');
  }
  return 1;
};
