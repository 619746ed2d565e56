/** Returns the element of the page with this id. */
export const byId = <E extends HTMLElement = HTMLElement>(id: string): E => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as E;
};

/** Creates an element. Strings are inserted as text, so nothing from a server becomes markup. */
export const element = <K extends keyof HTMLElementTagNameMap>(
  name: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const created = document.createElement(name);
  if (className) created.className = className;
  created.append(...children);
  return created;
};

/** Shows a result in an element, which a screen reader reads out. */
export const say = (id: string, text: string, isBad = false): void => {
  const place = byId(id);
  place.classList.toggle('bad', isBad);
  place.textContent = text;
};

/** Runs the work of a button. Meanwhile it cannot be pressed again, but keeps the focus. */
export const whenPressed = (button: HTMLButtonElement, work: () => Promise<void>): void => {
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    void work().finally(() => button.removeAttribute('aria-busy'));
  });
};
