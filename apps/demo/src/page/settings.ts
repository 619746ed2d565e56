import type { CookieMode } from './api.ts';

/** The settings of the service that the page depends on. */
export interface Settings {
  /** Whether the experiments are available. */
  readonly experiments: boolean;
  /** Whether the service can send codes to sign in with. */
  readonly codes: boolean;
  readonly cookies: CookieMode;
  /** In ms. */
  readonly settle_period: number;
  /** In ms: the age at which a session cookie is rotated. */
  readonly rotate_after: number;
}

/** Shows the texts for one mode of cookies instead of those for the other. */
export const showTextsFor = (mode: CookieMode): void => {
  for (const text of document.querySelectorAll<HTMLElement>('[data-cookies]')) {
    text.hidden = text.dataset['cookies'] !== mode;
  }
};
