/** Source files as `oxc-parser` reads them, each file once. */
import { readFileSync } from 'node:fs';
import { type Comment, type EcmaScriptModule, type Program, parseSync } from 'oxc-parser';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly program: Program;
  readonly comments: readonly Comment[];
  readonly module: EcmaScriptModule;
}

/** Any node of the syntax tree. `oxc-parser` has a type for each; a walk needs only what all have. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

const files = new Map<string, SourceFile>();

/** @throws Error if the text is not TypeScript */
export function parseText(path: string, text: string): SourceFile {
  const result = parseSync(path, text);
  if (result.errors[0]) throw new Error(`${path}: ${result.errors[0].message}`);
  // The result converts each part when it is first read: imports need no syntax tree.
  return {
    path,
    text,
    get program() {
      return result.program;
    },
    get comments() {
      return result.comments;
    },
    get module() {
      return result.module;
    },
  };
}

export function parseFile(path: string): SourceFile {
  const known = files.get(path);
  if (known) return known;
  const file = parseText(path, readFileSync(path, 'utf8'));
  files.set(path, file);
  return file;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The nodes directly below a node, in the order of the source. */
export function childrenOf(node: Node): Node[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** Calls `visit` for a node and everything below it, parents first. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of childrenOf(node)) walk(child, visit);
}

/** The text of the doc comment that ends right before `start`, without its stars. */
export function docBefore(file: SourceFile, start: number): string | undefined {
  const comment = file.comments.findLast(({ end }) => end <= start);
  if (comment?.type !== 'Block' || !comment.value.startsWith('*')) return undefined;
  if (file.text.slice(comment.end, start).trim() !== '') return undefined;
  return comment.value
    .slice(1)
    .replace(/^[ \t]*\*[ \t]?/gm, '')
    .trim();
}
