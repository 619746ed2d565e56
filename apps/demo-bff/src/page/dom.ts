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

/** Runs the work of a button, which cannot be pressed again meanwhile but keeps the focus. */
export const onPress = (id: string, work: () => Promise<void>): void => {
  const button = byId<HTMLButtonElement>(id);
  button.addEventListener('click', () => {
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    void work().finally(() => button.removeAttribute('aria-busy'));
  });
};
