import { call, problemOf } from './api.ts';
import { byId, element, onSubmit, say } from './dom.ts';

interface ListedKey {
  readonly id: string;
  readonly name: string;
}

/** Password, API keys, and the end of the account. */
export const setUpAccount = (deleted: () => void): void => {
  const result = (text: string, isBad = false): void => say('account-result', text, isBad);

  onSubmit('change-password-form', async (fields) => {
    const reply = await call('POST', '/change-password', fields);
    if (!reply.ok) return result(problemOf(reply), true);
    byId<HTMLFormElement>('change-password-form').reset();
    result('The password is changed. Every other device is signed out.');
  });

  onSubmit('key-form', async ({ name }) => {
    const reply = await call<{ api_key: string }>('POST', '/api-keys', { name, days: 30 });
    if (!reply.ok) return result(problemOf(reply), true);
    const shown = byId('new-key');
    shown.textContent = reply.body.api_key;
    shown.hidden = false;
    byId<HTMLFormElement>('key-form').reset();
    result('Here is the key. It will not be shown again.');
    await loadKeys();
  });

  onSubmit('delete-form', async ({ password }) => {
    const stepUp = await call('POST', '/step-up', { password });
    if (!stepUp.ok) return result(problemOf(stepUp), true);
    const reply = await call('DELETE', '/delete');
    if (!reply.ok) return result(problemOf(reply), true);
    result('');
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
  button.addEventListener('click', () => {
    button.disabled = true;
    void call('DELETE', `/api-keys/${id}`).then(loadKeys);
  });
  return element('li', '', element('span', '', name), button);
};
