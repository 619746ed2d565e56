import { byId, element } from './dom.ts';

type Tone = 'plain' | 'soft' | 'bad';

const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
/** How many are kept. */
const length = 40;

/** Tells what the page has just seen, newest first. */
export const tell = (title: string, detail: string, tone: Tone = 'plain'): void => {
  const now = new Date();
  const time = element('time', '', clockTime.format(now));
  time.dateTime = now.toISOString();
  const item = element(
    'li',
    `new ${tone}`,
    time,
    element('p', 'title', title),
    element('p', 'hint', detail),
  );
  const list = byId('timeline');
  list.prepend(item);
  while (list.children.length > length) list.lastElementChild?.remove();
};

export const forgetStory = (): void => byId('timeline').replaceChildren();
