import { byId, whenPressed as whenButtonPressed } from 'page-kit/dom';

export { byId, element, say } from 'page-kit/dom';

/** Shows that the service does not respond. Then the work of the user had no effect. */
const reportOutage = (work: Promise<void>): Promise<void> =>
  work.catch(() => {
    byId('offline').hidden = false;
  });

/** Runs the work of a button. Meanwhile it cannot be pressed again, but keeps the focus. */
export const whenPressed = (button: HTMLButtonElement, work: () => Promise<void>): void =>
  whenButtonPressed(button, () => reportOutage(work()));

export const onPress = (id: string, work: () => Promise<void>): void =>
  whenPressed(byId<HTMLButtonElement>(id), work);

/** Runs the work of a form with its fields and the value of the pressed button. */
export const onSubmit = (
  id: string,
  work: (fields: Record<string, string>, pressed: string) => Promise<void>,
): void => {
  const form = byId<HTMLFormElement>(id);
  let busy = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    const fields: Record<string, string> = {};
    for (const [name, value] of new FormData(form)) {
      if (typeof value === 'string') fields[name] = value;
    }
    const pressed = event.submitter instanceof HTMLButtonElement ? event.submitter.value : '';
    void reportOutage(work(fields, pressed)).finally(() => {
      busy = false;
    });
  });
};

/** Empties the passwords and codes in all forms, and their results. */
export const forgetSecrets = (): void => {
  for (const form of document.forms) form.reset();
  for (const result of document.querySelectorAll('.result')) result.textContent = '';
  const key = byId('new-key');
  key.textContent = '';
  key.hidden = true;
};
