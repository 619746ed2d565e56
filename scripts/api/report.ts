/** The public API as Markdown: one page per package, and an index of all names. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, type Package, publishedPackages, root } from '../source/packages.ts';
import { docBefore, parseFile } from '../source/parse.ts';
import { type Exported, exportsOfPackage } from './exports.ts';
import { unexportedOf } from './references.ts';

const note = '_Written by `pnpm run api`. A change of this page is a change of the public API._';

/** What a doc comment says before its first empty line, list or tag. */
export function firstParagraph(doc = ''): string {
  return (doc.split(/\n\s*\n|(?:\s|^)@[a-z]|\n- /)[0] ?? '').trim();
}

/** The first sentence of a doc comment, on one line and safe in a table. */
function firstSentence(doc: string | undefined): string {
  const line = firstParagraph(doc)
    .replace(/\s+/g, ' ')
    .replace(/\{@link (\S+?)\}/g, '`$1`');
  const sentence = /^.*?(?<!\be\.g|\bi\.e)[.:](?=\s+[A-Z`-]|$)/.exec(line)?.[0] ?? line;
  return sentence
    .replaceAll('|', '\\|')
    .replace(/`[^`]*`|</g, (part) => (part === '<' ? '\\<' : part));
}

/** Formats each text as the house formats TypeScript. */
function format(texts: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-api-'));
  try {
    const files = texts.map((text, i) => {
      const file = join(folder, `${i}.ts`);
      writeFileSync(file, text);
      return file;
    });
    const config = { ...readJson('biome.json'), vcs: { enabled: false }, files: {} };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
    const biome = join(root, 'node_modules/.bin/biome');
    const run = spawnSync(biome, ['format', '--write', '.'], { cwd: folder, encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`biome: ${run.error?.message ?? run.stderr}`);
    return files.map((file) => readFileSync(file, 'utf8').trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, file), 'utf8')) as Record<string, unknown>;
}

function row({ name, declaration, from }: Exported): string {
  const kind = declaration?.kind ?? 'outside';
  const origin = from === undefined ? '' : ` of \`${from}\``;
  return `| \`${name}\` | ${kind}${origin} | ${firstSentence(declaration?.doc)} |`;
}

function headingOf(entry: Entry): string {
  const file = parseFile(entry.file);
  const [first] = file.comments;
  const about = first && first.start === 0 ? docBefore(file, first.end) : undefined;
  return `## \`${entry.name}\`\n${about ? `\n${about}\n` : ''}`;
}

function pageOf(pkg: Package, everywhere: ReadonlySet<string>): string {
  const exported = exportsOfPackage(pkg);
  const sections = pkg.entries.map((entry) => ({
    entry,
    names: exported.filter((each) => each.entry === entry),
  }));
  const unexported = unexportedOf(pkg, everywhere);
  const [behind = '', ...blocks] = format([
    unexported.map(({ signature }) => signature).join('\n\n'),
    ...sections.map(({ names }) =>
      names
        .filter(({ from }) => from === undefined)
        .map(({ declaration }) => declaration?.signature ?? '')
        .join('\n\n'),
    ),
  ]);
  const parts = sections.map(({ entry, names }, i) =>
    [
      headingOf(entry),
      '| name | kind | what it is |\n| --- | --- | --- |',
      ...names.map(row),
      ...(blocks[i] ? [`\n\`\`\`ts\n${blocks[i]}\n\`\`\``] : []),
    ].join('\n'),
  );
  if (behind) {
    parts.push(
      `## Not exported\n\nWhat the declarations above name and no entry exports.\n\n\`\`\`ts\n${behind}\n\`\`\``,
    );
  }
  return [`# ${pkg.name}`, note, pkg.description, ...parts].join('\n\n').concat('\n');
}

function indexOf(): string {
  const entriesByName = new Map<string, string[]>();
  const counts = publishedPackages.flatMap((pkg) => {
    const exported = exportsOfPackage(pkg);
    for (const { name, entry } of exported) {
      entriesByName.set(name, [...(entriesByName.get(name) ?? []), `\`${entry.name}\``]);
    }
    return pkg.entries.map((entry) => {
      const count = exported.filter((each) => each.entry === entry).length;
      return `| [\`${entry.name}\`](${pkg.folder}.md) | ${count} |`;
    });
  });
  const names = [...entriesByName].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    '# The public API',
    note,
    '## Entries',
    ['| entry | exports |', '| --- | ---: |', ...counts].join('\n'),
    '## Every name',
    [
      '| name | exported by |',
      '| --- | --- |',
      ...names.map(([name, entries]) => `| \`${name}\` | ${entries.join(', ')} |`),
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

/** The pages of `docs/api`, by file name. */
export function apiPages(): Map<string, string> {
  const everywhere = new Set(
    publishedPackages.flatMap((pkg) =>
      exportsOfPackage(pkg).flatMap(({ declaration }) => declaration?.id ?? []),
    ),
  );
  return new Map([
    ['README.md', indexOf()],
    ...publishedPackages.map((pkg) => [`${pkg.folder}.md`, pageOf(pkg, everywhere)] as const),
  ]);
}
