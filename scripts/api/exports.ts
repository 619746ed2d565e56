/** What each entry of a package exports, followed to the declaration that stands behind the name. */
import { relative } from 'node:path';
import { isolatedDeclarationSync } from 'oxc-transform';
import { type Entry, type Package, resolveImport, root } from '../source/packages.ts';
import { docBefore, type Node, parseFile, parseText, type SourceFile } from '../source/parse.ts';

export type Kind = 'class' | 'const' | 'enum' | 'function' | 'interface' | 'type';

export interface Declaration {
  /** Tells two declarations of one name apart: `packages/core/src/clock.ts#Clock`. */
  readonly id: string;
  /** Absolute. */
  readonly file: string;
  readonly name: string;
  readonly kind: Kind;
  /** Its doc comment, without stars. */
  readonly doc: string | undefined;
  /** Its statements as TypeScript declares them, without bodies and comments. */
  readonly signature: string;
  /** The same as a syntax tree. */
  readonly nodes: readonly Node[];
  readonly declared: SourceFile;
}

export interface Exported {
  readonly entry: Entry;
  /** The name that importers write. */
  readonly name: string;
  /** Undefined for what comes from a package outside of the workspace. */
  readonly declaration: Declaration | undefined;
  /** Where it comes from, if not from this package. */
  readonly from: string | undefined;
}

interface Named extends Node {
  readonly id?: { readonly name: string } | null;
  readonly declaration?: Named | null;
  readonly declarations?: readonly Declarator[];
}

interface Declarator extends Named {
  readonly init?: Node | null;
}

const kinds: Readonly<Record<string, Kind>> = {
  ClassDeclaration: 'class',
  FunctionDeclaration: 'function',
  TSDeclareFunction: 'function',
  TSEnumDeclaration: 'enum',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'type',
  VariableDeclaration: 'const',
};

const functions = new Set(['ArrowFunctionExpression', 'FunctionExpression']);

/** The statements of a file that declare a name, each with what `export` wraps. */
function statementsOf(file: SourceFile, name: string): { outer: Node; inner: Named }[] {
  return (file.program.body as unknown as Named[])
    .map((outer) => ({ outer, inner: outer.declaration ?? outer }))
    .filter(({ inner }) =>
      inner.declarations
        ? inner.declarations.some(({ id }) => id?.name === name)
        : inner.id?.name === name && inner.type in kinds,
    );
}

function kindOf(statement: Named, name: string): Kind {
  const declarator = statement.declarations?.find(({ id }) => id?.name === name);
  if (declarator?.init && functions.has(declarator.init.type)) return 'function';
  return kinds[statement.type] ?? 'const';
}

/** The text of a node without the comments inside. */
function withoutComments(file: SourceFile, { start, end }: Node): string {
  let text = '';
  let from = start;
  for (const comment of file.comments) {
    if (comment.start < from || comment.end > end) continue;
    text += file.text.slice(from, comment.start);
    from = comment.end;
  }
  return (text + file.text.slice(from, end)).replace(/\n\s*\n/g, '\n');
}

const declaredFiles = new Map<string, SourceFile>();

/** A file as its `.d.ts` has it. `isolatedDeclarations` holds, so no other file is needed. */
function declaredFile({ path, text }: SourceFile): SourceFile {
  const known = declaredFiles.get(path);
  if (known) return known;
  const { code, errors } = isolatedDeclarationSync(path, text);
  if (errors[0]) throw new Error(`${path}: ${errors[0].message}`);
  const file = parseText(path.replace(/\.ts$/, '.d.ts'), code);
  declaredFiles.set(path, file);
  return file;
}

const declarations = new Map<string, Declaration | undefined>();

function declare(path: string, name: string): Declaration | undefined {
  const file = parseFile(path);
  const [first] = statementsOf(file, name);
  if (!first) return undefined;
  const declared = declaredFile(file);
  const nodes = statementsOf(declared, name).map(({ outer }) => outer);
  return {
    id: `${relative(root, path)}#${name}`,
    file: path,
    name,
    kind: kindOf(first.inner, name),
    doc: docBefore(file, first.outer.start),
    signature: nodes.map((node) => withoutComments(declared, node)).join('\n'),
    nodes,
    declared,
  };
}

/** The declaration of a name at the top of a file; undefined if the file has none. */
function declarationOf(path: string, name: string): Declaration | undefined {
  const id = `${path}#${name}`;
  if (!declarations.has(id)) declarations.set(id, declare(path, name));
  return declarations.get(id);
}

/** The declaration behind a name that a file exports. */
function followExport(path: string, name: string): Declaration | undefined {
  for (const { entries } of parseFile(path).module.staticExports) {
    for (const { exportName, importName, localName, moduleRequest } of entries) {
      if (moduleRequest && importName.kind === 'AllButDefault') {
        const [target] = resolveImport(path, moduleRequest.value);
        const found = target === undefined ? undefined : followExport(target, name);
        if (found) return found;
      }
      if ((exportName.name ?? 'default') !== name || exportName.kind === 'None') continue;
      if (!moduleRequest) return declarationOf(path, localName.name ?? '');
      const [target] = resolveImport(path, moduleRequest.value);
      return target === undefined ? undefined : followExport(target, importName.name ?? 'default');
    }
  }
  return undefined;
}

/** The declaration that a name means inside a file: its own, or one that it imports. */
export function resolveName(path: string, name: string): Declaration | undefined {
  for (const { entries, moduleRequest } of parseFile(path).module.staticImports) {
    for (const { importName, localName } of entries) {
      if (localName.value !== name) continue;
      const [target] = resolveImport(path, moduleRequest.value);
      return target === undefined ? undefined : followExport(target, importName.name ?? 'default');
    }
  }
  return declarationOf(path, name);
}

function exportsOf(entry: Entry, { path }: Package): Exported[] {
  return parseFile(entry.file)
    .module.staticExports.flatMap(({ entries }) => entries)
    .map(({ exportName, importName, moduleRequest }) => {
      const name = exportName.name ?? 'default';
      if (exportName.kind === 'None') {
        throw new Error(`${entry.name}: export * hides what is public (${importName.kind})`);
      }
      const declaration = followExport(entry.file, name);
      const outside = declaration
        ? !declaration.file.startsWith(`${path}/`)
        : moduleRequest?.value.startsWith('.') !== true;
      const origin = declaration?.id.split('/')[1];
      const from = outside ? (origin ? `@pawl/${origin}` : moduleRequest?.value) : undefined;
      return { entry, name, declaration, from };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const known = new Map<string, readonly Exported[]>();

/** Everything that a package exports, entry by entry. */
export function exportsOfPackage(pkg: Package): readonly Exported[] {
  const found = known.get(pkg.name) ?? pkg.entries.flatMap((entry) => exportsOf(entry, pkg));
  known.set(pkg.name, found);
  return found;
}
