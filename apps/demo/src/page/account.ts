import { call, problemOf } from './api.ts';
import { byId, element, onSubmit, say, whenPressed } from './dom.ts';

interface ListedKey {
  readonly id: string;
  readonly name: string;
}

/** Connects the forms for the password, the API keys and the deletion of the account. */
export const setUpAccount = (deleted: () => void): void => {
  onSubmit('change-password-form', async (fields) => {
    const reply = await call('POST', '/change-password', fields);
    if (!reply.ok) return say('change-password-result', problemOf(reply), true);
    byId<HTMLFormElement>('change-password-form').reset();
    await loadKeys();
    say(
      'change-password-result',
      'The password is changed. All other devices are signed out, and all keys have ended.',
    );
  });

  onSubmit('key-form', async ({ name }) => {
    const password = byId<HTMLInputElement>('key-password');
    if (password.value !== '') {
      const stepUp = await call('POST', '/step-up', { password: password.value });
      if (!stepUp.ok) return say('key-result', problemOf(stepUp), true);
      password.value = '';
    }
    const reply = await call<{ api_key: string }>('POST', '/api-keys', { name, days: 30 });
    if ((reply.body as { error?: string }).error === 'step_up_required') {
      byId('key-step-up').hidden = false;
      password.focus();
      return say(
        'key-result',
        'The login is too old for a new key. Enter the password again.',
        true,
      );
    }
    if (!reply.ok) return say('key-result', problemOf(reply), true);
    byId('key-step-up').hidden = true;
    const shown = byId('new-key');
    shown.textContent = reply.body.api_key;
    shown.hidden = false;
    byId<HTMLFormElement>('key-form').reset();
    say('key-result', 'This is the key. It is shown only once.');
    await loadKeys();
  });

  onSubmit('delete-form', async ({ password }) => {
    const stepUp = await call('POST', '/step-up', { password });
    if (!stepUp.ok) return say('delete-result', problemOf(stepUp), true);
    const reply = await call('DELETE', '/delete');
    if (!reply.ok) return say('delete-result', problemOf(reply), true);
    deleted();
  });

  byId<HTMLDetailsElement>('keys-section').addEventListener('toggle', () => void loadKeys());
};

const loadKeys = async (): Promise<void> => {
  const reply = await call<ListedKey[]>('GET', '/api-keys');
  if (reply.ok) byId('keys').replaceChildren(...reply.body.map(keyItem));
};

const keyItem = ({ id, name }: ListedKey): HTMLLIElement => {
  const button = element('button', 'quiet danger', 'Revoke');
  button.type = 'button';
  button.setAttribute('aria-label', `Revoke ${name}`);
  whenPressed(button, async () => {
    const reply = await call('DELETE', `/api-keys/${id}`);
    say('key-result', reply.ok ? `${name} is revoked.` : problemOf(reply), !reply.ok);
    await loadKeys();
    // The focused button was removed.
    byId('key-name').focus();
  });
  return element('li', '', element('span', '', name), button);
};
