import { byId, element } from 'page-kit/dom';

type Tone = 'plain' | 'soft' | 'bad';

const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
/** The maximum number of entries. */
const maxEntries = 40;

/** Adds an entry to the timeline, at the top. */
export const addEntry = (title: string, detail: string, tone: Tone = 'plain'): void => {
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
  while (list.children.length > maxEntries) list.lastElementChild?.remove();
};

export const clearTimeline = (): void => byId('timeline').replaceChildren();
