import { onPress, say } from './dom.ts';
import { call, type Me, type Reply } from './service.ts';
import { tell } from './story.ts';

let lastToken: string | undefined;

export const forgetToken = (): void => {
  lastToken = undefined;
  say('call-result', '');
};

/** The buttons that call the API. @param look at the session, which a call may have changed */
export const setUpApi = (look: () => Promise<void>): void => {
  const callApi = async (times: number): Promise<void> => {
    const replies = await Promise.all(
      Array.from({ length: times }, () => call<Me>('GET', '/api/me')),
    ).catch(() => null);
    const refused = replies?.find(({ ok }) => !ok);
    if (!replies) say('call-result', 'The service does not answer.', true);
    else if (refused) say('call-result', `The answer was ${refused.status}.`, true);
    else report(replies);
    await look();
  };
  onPress('call', () => callApi(1));
  onPress('call-five', () => callApi(5));
};

const report = (replies: readonly Reply<Me>[]): void => {
  const [first] = replies;
  if (!first) return;
  const { user, token_id: token, expires_at: end, key } = first.body;
  const tokens = new Set(replies.map(({ body }) => body.token_id));
  const seen = tokens.size === 1 ? `token ${token}` : `${tokens.size} tokens`;
  const until = new Date(end).toLocaleTimeString(undefined, { timeStyle: 'medium' });
  if (lastToken !== undefined && token !== lastToken) {
    tell('A new token', `The BFF has refreshed ${lastToken} at the provider: ${token}.`, 'soft');
  }
  lastToken = token;
  tell(
    replies.length === 1 ? 'Called the API' : `Called the API ${replies.length} times`,
    `It saw ${seen}, good until ${until}, proved by key ${key}.`,
  );
  say('call-result', `The API says: you are ${user}.`);
};
