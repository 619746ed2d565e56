import { byId, say, whenPressed } from 'page-kit/dom';
import { call, type Me, type Reply } from './service.ts';
import { addEntry } from './story.ts';

let lastToken: string | undefined;

export const forgetToken = (): void => {
  lastToken = undefined;
  say('call-result', '');
};

/** Connects the buttons that call the API. @param checkSession called afterwards, because a call may change the session */
export const setUpApi = (checkSession: () => Promise<void>): void => {
  const callApi = async (times: number): Promise<void> => {
    const replies = await Promise.all(
      Array.from({ length: times }, () => call<Me>('GET', '/api/me')),
    ).catch(() => null);
    const refused = replies?.find(({ ok }) => !ok);
    if (!replies) say('call-result', 'The service does not respond.', true);
    else if (refused) say('call-result', `The service responded with ${refused.status}.`, true);
    else report(replies);
    await checkSession();
  };
  whenPressed(byId<HTMLButtonElement>('call'), () => callApi(1));
  whenPressed(byId<HTMLButtonElement>('call-five'), () => callApi(5));
};

const report = (replies: readonly Reply<Me>[]): void => {
  const [first] = replies;
  if (!first) return;
  const { user, token_id: token, expires_at: end, key } = first.body;
  const tokens = new Set(replies.map(({ body }) => body.token_id));
  const presented = tokens.size === 1 ? `token ${token}` : `${tokens.size} tokens`;
  const until = new Date(end).toLocaleTimeString(undefined, { timeStyle: 'medium' });
  if (lastToken !== undefined && token !== lastToken) {
    addEntry(
      'A new token',
      `The BFF has refreshed token ${lastToken} at the provider: now it is ${token}.`,
      'soft',
    );
  }
  lastToken = token;
  addEntry(
    replies.length === 1 ? 'Called the API' : `Called the API ${replies.length} times`,
    `It received ${presented}, valid until ${until}, with a proof of key ${key}.`,
  );
  say('call-result', `The API says: you are ${user}.`);
};
