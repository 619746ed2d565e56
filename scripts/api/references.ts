/** Which declarations a declaration names, and which of them a package shows without exporting. */

import type { Package } from '../source/packages.ts';
import { childrenOf, type Node, walk } from '../source/parse.ts';
import { type Declaration, exportsOfPackage, resolveName } from './exports.ts';

interface Reference extends Node {
  readonly name?: string;
  readonly typeName?: Node;
  readonly expression?: Node;
  readonly exprName?: Node;
  readonly superClass?: Node | null;
}

/** The first name of `A`, `A.B` and `A<B>`. */
function firstName(node: Node): string | undefined {
  if (node.type === 'Identifier') return (node as Reference).name;
  const [left] = childrenOf(node);
  return left && firstName(left);
}

/** Where a node names a type, the node of the name. */
function namedBy(node: Reference): Node | undefined {
  switch (node.type) {
    case 'TSTypeReference':
      return node.typeName;
    case 'TSTypeQuery':
      return node.exprName;
    case 'TSInterfaceHeritage':
    case 'TSClassImplements':
      return node.expression;
    case 'ClassDeclaration':
      return node.superClass ?? undefined;
    default:
      return undefined;
  }
}

/** The declarations of this workspace that these nodes of a declaration name. */
export function referencesIn(declaration: Declaration, nodes: readonly Node[]): Declaration[] {
  const found = new Map<string, Declaration>();
  for (const node of nodes) {
    walk(node, (each) => {
      const name = namedBy(each);
      const text = name && firstName(name);
      const target = text === undefined ? undefined : resolveName(declaration.file, text);
      if (target) found.set(target.id, target);
    });
  }
  return [...found.values()];
}

/** The declarations that a package's exports lead to and that no package exports: part of its API. */
export function unexportedOf(pkg: Package, everywhere: ReadonlySet<string>): Declaration[] {
  const found = new Map<string, Declaration>();
  const follow = (declaration: Declaration): void => {
    for (const target of referencesIn(declaration, declaration.nodes)) {
      if (everywhere.has(target.id) || found.has(target.id)) continue;
      found.set(target.id, target);
      follow(target);
    }
  };
  for (const { declaration, from } of exportsOfPackage(pkg)) {
    if (declaration && from === undefined) follow(declaration);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
