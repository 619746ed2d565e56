import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { exportsOfPackage } from './api/exports.ts';
import { publishedPackages, root } from './source/packages.ts';
import { type Node, walk } from './source/parse.ts';
import { mayImport, unpublished } from './who-may-import.ts';

const compare = (a: unknown, b: unknown): number => (String(a) < String(b) ? -1 : 1);

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const architecture = read('docs/architecture.md');

/** Markdown of the repository; `docs/api` is written by a script. */
const pages = globSync(['*.md', 'docs/**/*.md', '{packages,apps}/*/*.md'], { cwd: root }).filter(
  (file) => !file.startsWith('docs/api/'),
);

/** What GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (file: string): Set<string> =>
  new Set(Array.from(read(file).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => anchorOf(heading)));

test('each link between pages leads to a file, and to a heading of it', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]*))?\)/g)]
      .filter(([, path = '', anchor]) => {
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
      })
      .map(([link]) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('no example makes up a secret when none is set, or has one in its code', () => {
  const madeUp = /(?:\?\?|\|\|)\s*generateSecret\(|secrets: \[(?:generateSecret\(|['"`][^'"`])/;
  expect(pages.filter((page) => madeUp.test(read(page)))).toEqual([]);
});

test('docs/coming-from.md gives a reason for each difference from an earlier system', () => {
  const page = read('docs/coming-from.md');
  const rows = Array.from(page.matchAll(/^\| (.*) \|$/gm), ([, row = '']) =>
    row.split(' | ').map((cell) => cell.trim()),
  ).filter((cells) => cells[0] !== 'theirs' && !/^-+$/.test(cells[0] ?? ''));
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter((cells) => cells.length !== 3)).toEqual([]);
  expect(rows.filter(([, ours, why]) => !ours?.startsWith('=') && why === '')).toEqual([]);
  for (const system of ['A', 'B', 'C', 'D', 'S']) expect(page).toContain(`\n## ${system}: `);
});

test('docs/coming-from.md and the README of the demo name the settings that it reads', () => {
  const config = read('apps/demo/src/config.ts');
  const named = (text: string): string[] =>
    Array.from(text.matchAll(/^\| [^\n]*?`([A-Z][A-Z_]{3,})`/gm), ([, name = '']) => name);
  const documented = named(read('apps/demo/README.md'));
  expect(documented.length).toBeGreaterThan(10);
  for (const name of documented) expect(config).toContain(`'${name}'`);
  const [, settings = ''] = read('docs/coming-from.md').split('### Settings');
  expect(named(settings).filter((name) => !documented.includes(name))).toEqual([]);
  const variables = Array.from(config.matchAll(/(?:read|required|duration)\('([A-Z_]+)'/g));
  const undocumented = variables
    .map(([, name = '']) => name)
    .filter((name) => name !== 'NODE_ENV' && !documented.includes(name));
  expect(undocumented).toEqual([]);
});

const folders = Object.keys(mayImport).join('|');

test('each file that the architecture, the decisions or the operations name is there', () => {
  const texts = pages.filter((page) => page.startsWith('docs/')).map(read);
  const named = texts.flatMap((text) =>
    Array.from(text.matchAll(new RegExp(`(?<![\\w/])(${folders})/[\\w./-]+`, 'g')), ([path]) =>
      path.replace(/\.$/, ''),
    ),
  );
  const isThere = (path: string): boolean => {
    const [folder = '', ...rest] = path.split('/');
    const below = rest[0] === 'test' ? rest : ['src', ...rest];
    return existsSync(join(root, 'packages', folder, ...below));
  };
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

test('the import picture is the table of who-may-import.ts', () => {
  const picture = /```mermaid\nflowchart[^]*?```/.exec(architecture)?.[0] ?? '';
  const arrows = Array.from(picture.matchAll(/(\w+) --> (\w+)/g), ([, from, to]) => [from, to]);
  const allowed = Object.entries(mayImport)
    .filter(([name]) => !unpublished.includes(name))
    .flatMap(([name, others]) => others.map((other) => [name, other]));
  expect(arrows.sort(compare)).toEqual(allowed.sort(compare));
});

/** The nodes of an exported type. */
function nodesOf(name: string): readonly Node[] {
  const found = publishedPackages
    .flatMap((pkg) => exportsOfPackage(pkg))
    .find((each) => each.name === name);
  if (!found?.declaration) throw new Error(`no entry exports ${name}`);
  return found.declaration.nodes;
}

interface Member extends Node {
  readonly key?: { readonly name?: string };
  readonly typeAnnotation?: Node;
}

/** The texts of string literals at or below nodes. */
function literalsIn(nodes: readonly Node[]): string[] {
  const texts = new Set<string>();
  for (const node of nodes) {
    walk(node, (each) => {
      const { type, value } = each as Node & { readonly value?: unknown };
      if (type === 'Literal' && typeof value === 'string') texts.add(value);
    });
  }
  return [...texts];
}

/** The texts that a member of a type can have, wherever in the type it stands. */
function valuesOf(name: string, member: string): string[] {
  const annotations: Node[] = [];
  for (const node of nodesOf(name)) {
    walk(node, (each) => {
      const { type, key, typeAnnotation } = each as Member;
      if (type === 'TSPropertySignature' && key?.name === member && typeAnnotation) {
        annotations.push(typeAnnotation);
      }
    });
  }
  return literalsIn(annotations);
}

test.for([
  ['PawlEvent', 'Sessions'],
  ['HttpEvent', 'HTTP'],
  ['BffEvent', 'Backend for Frontend'],
  ['ProxyEvent', 'The proxy'],
] as const)('docs/operations.md has every %s, and no other', ([name, heading]) => {
  const [, section = ''] = read('docs/operations.md').split(new RegExp(`^## ${heading}.*$`, 'm'));
  const [own = ''] = section.split(/^## /m);
  const listed = Array.from(own.matchAll(/^\| `([a-z_.]+)`/gm), ([, type]) => type);
  expect(listed.sort(compare)).toEqual(valuesOf(name, 'type').sort());
});

test('the table of outcomes has every decision, outcome and result of a rotation', () => {
  const [, section = ''] = architecture.split(/^## One table of outcomes$/m);
  const [table = ''] = section.split('Before the decision');
  const rows = Array.from(table.matchAll(/^\| `\w+` .*$/gm), ([row]) =>
    row.split('|').map((cell) => cell.trim().replaceAll('`', '')),
  );
  const column = (index: number): string[] =>
    [...new Set(rows.map((cells) => cells[index] ?? ''))].filter((text) => text !== '').sort();
  const kinds = literalsIn(nodesOf('RotationKind'));
  expect(column(1)).toEqual([...kinds, ...literalsIn(nodesOf('RotationDecision'))].sort());
  expect(column(2)).toEqual(kinds.sort());
  expect([...column(3), 'created', 'elevated'].sort()).toEqual(
    valuesOf('IssuedTokens', 'outcome').sort(),
  );
});
