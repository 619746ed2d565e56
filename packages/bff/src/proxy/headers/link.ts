/**
 * Relations that lead from one resource to another (RFC 8288). Others make the browser load
 * something, or change how a document works: `preload`, `stylesheet`, `manifest` …
 */
const relations: ReadonlySet<string> = new Set([
  'alternate',
  'author',
  'canonical',
  'collection',
  'current',
  'describedby',
  'edit',
  'first',
  'item',
  'last',
  'latest-version',
  'license',
  'next',
  'prev',
  'previous',
  'related',
  'self',
  'service-desc',
  'service-doc',
  'successor-version',
  'type',
  'up',
]);

/** Splits at commas outside of `<…>` and of quoted strings. */
const valueForm = /(?:<[^<>]*>|"(?:[^"\\]|\\.)*"|[^<>",])+/g;
const relationForm = /;\s*rel\s*=\s*(?:"([^"\\]*)"|([^\s;,"]+))/gi;
const forms = { target: /^\s*<[^<>]*>/, loading: /;\s*(?:as|imagesrcset|integrity)\s*=/i };

/** Returns the links of a `Link` header that only name another resource; empty if there are none. */
export const harmlessLinks = (header: string): string => {
  const values = header.match(valueForm) ?? [];
  // If anything was left over, two readers could split the header differently.
  if (values.join(',') !== header) return '';
  return values.filter(isHarmless).join(',').trim();
};

const isHarmless = (value: string): boolean => {
  if (!forms.target.test(value)) return false;
  const parameters = value.replace(forms.target, '');
  if (forms.loading.test(parameters)) return false;
  const found = [...parameters.matchAll(relationForm)];
  const names = (found[0]?.[1] ?? found[0]?.[2] ?? '').toLowerCase().split(/\s+/);
  return found.length === 1 && names.every((name) => relations.has(name));
};
