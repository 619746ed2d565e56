import { call, problemOf, type Reply } from './api.ts';
import { onSubmit, say } from './dom.ts';

export interface User {
  readonly name: string;
}

/** Connects the forms to sign in. */
export const setUpSignIn = (signedIn: (user: User) => void): void => {
  const enter = async (path: string, body: unknown, result: string): Promise<void> => {
    say(result, 'One moment …');
    const reply = await replyOf(() => call<{ user: User }>('POST', path, body));
    if (!reply) return say(result, noReply, true);
    if (!reply.ok) return say(result, problemOf(reply), true);
    signedIn(reply.body.user);
  };

  onSubmit('password-form', (fields, pressed) =>
    enter(pressed === 'register' ? '/register' : '/login', fields, 'password-result'),
  );
  onSubmit('code-form', (fields) => enter('/code/login', fields, 'code-result'));
  onSubmit('code-request-form', async (fields) => {
    const reply = await replyOf(() => call('POST', '/code', fields));
    if (!reply) return say('code-result', noReply, true);
    say('code-result', problemOf(reply), !reply.ok);
  });
};

const noReply = 'The service does not respond. Try again.';

/** Returns undefined if the service does not respond. */
const replyOf = async <Body>(
  work: () => Promise<Reply<Body>>,
): Promise<Reply<Body> | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};
