import type { Entry } from '../timeline/entry.ts';
import { byId, element } from './dom.ts';
import { describeEntry } from './story.ts';

let entries: Entry[] = [];

/** Returns all entries, oldest first. */
export const allEntries = (): readonly Entry[] => entries;

/** Sets the history that the service has. */
export const setHistory = (history: readonly Entry[]): void => {
  // After a restart the service knows less than this page.
  const since = history[0]?.at ?? Infinity;
  entries = [...entries.filter(({ at }) => at < since), ...history];
  draw(0);
};

export const addEntry = (entry: Entry): void => {
  entries.push(entry);
  draw(1);
};

export const clearTimeline = (): void => {
  entries = [];
  draw(0);
};

/** Returns the generation of the session; null if it is not known yet. */
export const generation = (): number | null =>
  entries.reduce<number | null>((reached, one) => {
    if (one.type === 'session.created') return 0;
    if (one.type === 'session.elevated') return reached === null ? null : reached + 1;
    if (one.type === 'session.rotated') return one.generation ?? reached;
    return one.generation === undefined ? reached : Math.max(reached ?? 0, one.generation);
  }, null);

const rotations = new Set<Entry['type']>([
  'session.created',
  'session.rotated',
  'session.elevated',
]);

/** Returns when the current token was issued, in ms since the epoch; null if it is not known. */
export const rotatedAt = (): number | null =>
  entries.findLast(({ type }) => rotations.has(type))?.at ?? null;

interface Group {
  readonly entry: Entry;
  count: number;
}

const isSameKind = (a: Entry, b: Entry): boolean =>
  a.type === b.type && a.presented === b.presented && a.generation === b.generation;

const groupEntries = (): Group[] => {
  const groups: Group[] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last && entry.type !== 'session.created' && isSameKind(last.entry, entry)) last.count++;
    else groups.push({ entry, count: 1 });
  }
  return groups;
};

const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** Draws the list, newest first. Only what changed is drawn, so that it is read out once. */
const draw = (added: number): void => {
  const list = byId('timeline');
  const groups = groupEntries().reverse();
  const items = groups.map(({ entry, count }) => {
    const { title, detail, tone } = describeEntry(entry, count);
    const time = element('time', '', clockTime.format(entry.at));
    time.dateTime = new Date(entry.at).toISOString();
    const item = element(
      'li',
      tone,
      time,
      element('p', 'title', title),
      element('p', 'hint', detail),
    );
    item.dataset['type'] = entry.type;
    item.dataset['count'] = `${count}`;
    return item;
  });
  const surplus = items.length - list.children.length;
  const isOneMore = added === 1 && (surplus === 1 || surplus === 0);
  if (!isOneMore || !items[0]) {
    list.replaceChildren(...items);
    return;
  }
  if (surplus === 0) list.firstElementChild?.remove();
  else items[0].classList.add('new');
  list.prepend(items[0]);
};
