import { call, problemOf, type Reply } from './api.ts';
import { onSubmit, say } from './dom.ts';

export interface User {
  readonly id: string;
  readonly name: string;
}

/** The forms of somebody who is not signed in. */
export const setUpSignIn = (signedIn: (user: User) => void): void => {
  const enter = async (path: string, body: unknown, result: string): Promise<void> => {
    say(result, 'One moment …');
    const reply = await tried(() => call<{ user: User }>('POST', path, body));
    if (!reply) return say(result, noAnswer, true);
    if (!reply.ok) return say(result, problemOf(reply), true);
    signedIn(reply.body.user);
  };

  onSubmit('password-form', (fields, pressed) =>
    enter(pressed === 'register' ? '/register' : '/login', fields, 'password-result'),
  );
  onSubmit('code-form', (fields) => enter('/code/login', fields, 'code-result'));
  onSubmit('code-request-form', async (fields) => {
    const reply = await tried(() => call('POST', '/code', fields));
    if (!reply) return say('code-result', noAnswer, true);
    say('code-result', problemOf(reply), !reply.ok);
  });
};

const noAnswer = 'The service does not answer. Try again.';

const tried = async <Body>(work: () => Promise<Reply<Body>>): Promise<Reply<Body> | undefined> => {
  try {
    return await work();
  } catch {
    return undefined;
  }
};
