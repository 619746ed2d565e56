/** The element of an id that the page is written with. */
export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
};

/** Everything is put into the page as text: nothing that a server says becomes markup. */
export const element = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
};

/** Says how something went, where a screen reader hears it too. */
export const say = (id: string, text: string, isBad = false): void => {
  const place = byId(id);
  place.classList.toggle('bad', isBad);
  place.textContent = text;
};

/** Work of the user's asks the service: if that is away, the page says so and nothing has happened. */
const started = (work: Promise<void>): Promise<void> =>
  work.catch(() => {
    byId('offline').hidden = false;
  });

/** Runs the work of a button, which cannot be pressed again meanwhile but keeps the focus. */
export const whenPressed = (button: HTMLButtonElement, work: () => Promise<void>): void => {
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    void started(work()).finally(() => button.removeAttribute('aria-busy'));
  });
};

export const onPress = (id: string, work: () => Promise<void>): void =>
  whenPressed(byId<HTMLButtonElement>(id), work);

/** Runs the work of a form with its fields, and which of its buttons was pressed. */
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
    void started(work(fields, pressed)).finally(() => {
      busy = false;
    });
  });
};

/** Empties the passwords and codes of all forms, and what was said of them. */
export const forgetSecrets = (): void => {
  for (const form of document.forms) form.reset();
  for (const result of document.querySelectorAll('.result')) result.textContent = '';
  const key = byId('new-key');
  key.textContent = '';
  key.hidden = true;
};
