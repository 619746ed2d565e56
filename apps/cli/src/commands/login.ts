import type { TokenResponse } from '@pawl/file';
import type { Command } from '../command.ts';
import { problemOf, sendRequest } from '../service.ts';

/** Logs in; with `--new`, signs up first. A previous login ends, at the service as well. */
export const login: Command = async (
  { service, login: stored },
  { name, isNew, password, say },
) => {
  if (name === undefined) {
    say('A name is required: login <name>');
    return 64;
  }
  const reply = await sendRequest({
    method: 'POST',
    url: new URL(isNew ? '/register' : '/login', service),
    json: { username: name, password: await password(), deliver: 'body' },
  });
  if (reply.status !== 200 && reply.status !== 201) {
    say(`Not logged in: ${problemOf(reply)}.`);
    return 1;
  }
  const status = await stored.status();
  const previous = await stored.logout();
  // `save` validates them.
  const tokens = reply.body as unknown as TokenResponse;
  await stored.save(tokens, { name, service: service.origin });
  if (previous && status?.kind === 'live') {
    // Only the service that issued the token receives it.
    const url = new URL('/logout', status.data.service);
    await sendRequest({ method: 'POST', url, accessToken: previous.accessToken }).catch(
      () => undefined,
    );
  }
  say(`Logged in as ${name}. The login is stored in ${stored.path}.`);
  return 0;
};
