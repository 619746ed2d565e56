import type { TokenResponse } from '@pawl/file';
import { ask, problemOf } from '../ask.ts';
import type { Command } from '../command.ts';

/** Logs in, or with `--new` signs up. A login before this one ends, on the service too. */
export const login: Command = async ({ service, login: kept }, { name, isNew, password, say }) => {
  if (name === undefined) {
    say('Whom? Say: login <name>');
    return 64;
  }
  const reply = await ask({
    method: 'POST',
    url: new URL(isNew ? '/register' : '/login', service),
    json: { username: name, password: await password(), deliver: 'body' },
  });
  if (reply.status !== 200 && reply.status !== 201) {
    say(`Not logged in: ${problemOf(reply)}.`);
    return 1;
  }
  const earlier = await kept.status();
  const before = await kept.logout();
  // What it lacks is found where it is kept.
  const tokens = reply.body as unknown as TokenResponse;
  await kept.save(tokens, { name, service: service.origin });
  if (before && earlier?.kind === 'live') {
    // To the service that it is of, and to no other.
    const url = new URL('/logout', earlier.data.service);
    await ask({ method: 'POST', url, accessToken: before.accessToken }).catch(() => undefined);
  }
  say(`Logged in as ${name}. The login is kept in ${kept.path}.`);
  return 0;
};
