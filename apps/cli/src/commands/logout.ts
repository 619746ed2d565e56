import type { Command } from '../command.ts';
import { problemOf, sendRequest } from '../service.ts';

/** Removes the login here, then ends the session at the service. */
export const logout: Command = async ({ service, login }, { say }) => {
  const ended = await login.logout();
  if (!ended) {
    say('Nobody is logged in.');
    return 0;
  }
  try {
    const reply = await sendRequest({
      method: 'POST',
      url: new URL('/logout', service),
      // An expired token is accepted here.
      accessToken: ended.accessToken,
    });
    if (reply.status === 200) {
      say('Logged out.');
      return 0;
    }
    say(`Logged out here, but the service did not end the session: ${problemOf(reply)}.`);
  } catch {
    say('Logged out here, but the service does not respond: its session stays until it expires.');
  }
  return 1;
};
