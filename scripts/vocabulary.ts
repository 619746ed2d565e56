/**
 * Finds the worst words of `vocabulary-words.ts` in comments, messages, test titles and documents.
 * `node scripts/vocabulary.ts packages/redis` lists them; without a folder it counts per package.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './source/packages.ts';
import { type Node, parseText, type SourceFile, walk } from './source/parse.ts';
import { type Allowed, allowed, words } from './vocabulary-words.ts';

export interface Found {
  readonly file: string;
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** A piece of prose, and where in its file it begins. */
interface Prose {
  readonly text: string;
  readonly start: number;
}

const patterns = words.map(([pattern, instead]) => ({
  pattern: new RegExp(pattern.replace(/(^|\|)(?=[a-z(])/g, '$1\\b').replaceAll(' ', '\\s+'), 'gi'),
  instead,
}));

/** Blanks of the same length, so that positions stay what they are. */
const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Prose without the code in it and without what begins the lines of a comment. */
function plain(text: string): string {
  return text
    .replace(/```[^]*?```/g, (block) => (block.startsWith('```ts') ? block : blank(block)))
    .replace(/`[^`\n]*`/g, blank)
    .replace(/^[ \t]*(\*|\/\/|--)/gm, blank);
}

interface Literal extends Node {
  readonly value?: unknown;
}

/** Comments, and strings of more than one word. Adjacent line comments are one piece. */
function proseOfTypeScript({ comments, program, text }: SourceFile): Prose[] {
  const pieces: { start: number; end: number }[] = [];
  for (const { start, end, type } of comments) {
    const last = pieces.at(-1);
    if (type === 'Line' && last && /^\s*$/.test(text.slice(last.end, start))) last.end = end;
    else pieces.push({ start, end });
  }
  walk(program as unknown as Node, (node) => {
    const { start, end, value } = node as Literal;
    const isString = node.type === 'Literal' && typeof value === 'string';
    if (isString || node.type === 'TemplateElement') pieces.push({ start, end });
  });
  return pieces
    .map(({ start, end }) => ({ start, text: text.slice(start, end) }))
    .filter((piece) => /\S\s+\S/.test(piece.text));
}

function proseOf(file: string, text: string): Prose[] {
  if (file.endsWith('.ts')) return proseOfTypeScript(parseText(file, text));
  if (!file.endsWith('.lua')) return [{ start: 0, text }];
  return [...text.matchAll(/--.*/g)].map((match) => ({ start: match.index, text: match[0] }));
}

function filesWithProse(): string[] {
  const patternsOfFiles = [
    '*.ts',
    '*.md',
    '*.html',
    '*.lua',
    ':!docs/api',
    ':!scripts/vocabulary*',
  ];
  const run = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patternsOfFiles];
  const output = execFileSync('git', run, { cwd: root, encoding: 'utf8' });
  return [...new Set(output.trim().split('\n'))].sort();
}

/** The refused words in the text of a file. */
export function refusedIn(file: string, text: string): Found[] {
  return proseOf(file, text)
    .flatMap((prose) => {
      const readable = plain(prose.text);
      return patterns.flatMap(({ pattern, instead }) =>
        Array.from(readable.matchAll(pattern), (match) => ({
          file,
          line: text.slice(0, prose.start + match.index).split('\n').length,
          found: match[0].replace(/^\W+/, '').replace(/\s+/g, ' '),
          instead,
        })),
      );
    })
    .sort((a, b) => a.line - b.line);
}

const permits = (rule: Allowed, { file, found }: Found): boolean =>
  rule.file === file && rule.found.toLowerCase() === found.toLowerCase();

/** Every refused word, and every permission that nothing needs any more. */
export function checkVocabulary(): { found: Found[]; unneeded: Allowed[] } {
  const all = filesWithProse().flatMap((file) =>
    refusedIn(file, readFileSync(join(root, file), 'utf8')),
  );
  return {
    found: all.filter((each) => !allowed.some((rule) => permits(rule, each))),
    unneeded: allowed.filter((rule) => !all.some((each) => permits(rule, each))),
  };
}

if (import.meta.main) {
  const { found } = checkVocabulary();
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    const byPackage = Map.groupBy(found, ({ file }) =>
      file
        .split('/')
        .slice(0, /^(packages|apps)\//.test(file) ? 2 : 1)
        .join('/'),
    );
    for (const [name, uses] of byPackage) console.log(`${uses.length}\t${name}`);
  } else {
    for (const { file, line, found: text, instead } of found) {
      if (file.startsWith(folder)) console.log(`${file}:${line}: “${text}” → ${instead}`);
    }
  }
}
