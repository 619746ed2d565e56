/** Which file imports which, `import()` and types included, and where that goes in a circle. */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { resolveImport, root } from './packages.ts';
import { type Node, parseFile, type SourceFile, walk } from './parse.ts';

/** Every TypeScript file of the workspace that is written by hand, relative to the root. */
export function sourceFiles(): string[] {
  const patterns = ['{packages,apps}/*/*.ts', '{packages,apps}/*/{src,test,examples}/**/*.ts'];
  return [...patterns.flatMap((pattern) => globSync(pattern, { cwd: root })), ...scripts()].sort();
}

function scripts(): string[] {
  return globSync('{*.ts,scripts/**/*.ts}', { cwd: root });
}

interface TypeImport extends Node {
  readonly source?: { readonly value?: unknown };
}

/** The specifiers that a file names: imports, re-exports, `import()` of a literal, types. */
export function specifiersOf({ module, program, text }: SourceFile): Set<string> {
  const found = new Set(module.staticImports.map(({ moduleRequest }) => moduleRequest.value));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) found.add(moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(['"`])([^'"`$]*)\1$/.exec(
      text.slice(moduleRequest.start, moduleRequest.end),
    );
    if (literal?.[2] !== undefined) found.add(literal[2]);
  }
  if (text.includes('import(')) {
    walk(program as unknown as Node, (node) => {
      const { source } = node as TypeImport;
      if (node.type === 'TSImportType' && typeof source?.value === 'string')
        found.add(source.value);
    });
  }
  return found;
}

/** The files that each file imports, all relative to the root. */
export function importGraph(files: readonly string[]): Map<string, readonly string[]> {
  return new Map(
    files.map((file) => {
      const path = join(root, file);
      const targets = [...specifiersOf(parseFile(path))].flatMap((name) =>
        resolveImport(path, name),
      );
      return [file, [...new Set(targets.map((target) => relative(root, target)))]];
    }),
  );
}

/** The groups of nodes that reach each other (Tarjan 1972), without those of one node alone. */
export function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.size - 1);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) {
        lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(next) ?? 0));
      }
    }
    if (lowest.get(node) !== order.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1 || graph.get(node)?.includes(node)) circles.push(group.sort());
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles;
}
