/** What every export must keep. Each rule lists what breaks it, as `entry name: what is wrong`. */

import { type Package, publishedPackages } from '../source/packages.ts';
import { childrenOf, type Node, walk } from '../source/parse.ts';
import { type Declaration, type Exported, exportsOfPackage } from './exports.ts';
import { referencesIn } from './references.ts';
import { firstParagraph } from './report.ts';

interface Member extends Node {
  readonly optional?: boolean;
  readonly key?: { readonly name?: string };
  readonly typeAnnotation?: Node | null;
}

interface Callable extends Node {
  readonly params?: readonly Node[];
}

const typeKinds = new Set(['class', 'enum', 'interface', 'type']);
const factory = /^(create|start|generate)[A-Z]/;

/** Entries for Pawl's own packages: documented, but not taught by example. */
const forOurselves = new Set(['@pawl/core/internal']);

type Packages = readonly Package[];

function everyExport(packages: Packages): Exported[] {
  return packages.flatMap((pkg) => [...exportsOfPackage(pkg)]);
}

/** Each export once, where its own package exports it. */
function everyDeclared(
  packages: Packages,
): { where: string; entry: string; declaration: Declaration }[] {
  return everyExport(packages).flatMap(({ entry, name, declaration, from }) =>
    declaration && from === undefined
      ? [{ where: `${entry.name} ${name}`, entry: entry.name, declaration }]
      : [],
  );
}

function inTwoEntries(packages: Packages): string[] {
  return packages.flatMap((pkg) => {
    const byName = Map.groupBy(exportsOfPackage(pkg), ({ name }) => name);
    return [...byName]
      .filter(([, uses]) => uses.length > 1)
      .map(([name, uses]) => `${uses.map(({ entry }) => entry.name).join(' and ')}: ${name}`);
  });
}

function typesWithTwoMeanings(packages: Packages): string[] {
  const types = everyExport(packages).filter(({ declaration }) =>
    typeKinds.has(declaration?.kind ?? ''),
  );
  return [...Map.groupBy(types, ({ name }) => name)].flatMap(([name, uses]) => {
    const meanings = new Set(uses.map(({ declaration }) => declaration?.id));
    return meanings.size > 1 ? [`${name}: ${[...meanings].join(' and ')}`] : [];
  });
}

/** Whether a doc comment begins with a sentence: some words and a full stop. */
function hasSentence(doc: string | undefined): boolean {
  const paragraph = firstParagraph(doc);
  return paragraph.split(/\s+/).length >= 3 && /[.:)]$/.test(paragraph);
}

function withoutSentence(packages: Packages): string[] {
  return everyDeclared(packages)
    .filter(({ declaration }) => !hasSentence(declaration.doc))
    .map(({ where }) => where);
}

function factoriesWithoutExample(packages: Packages): string[] {
  return everyDeclared(packages)
    .filter(({ entry }) => !forOurselves.has(entry))
    .filter(({ declaration: { kind, name } }) => kind === 'function' && factory.test(name))
    .filter(({ declaration: { doc = '' } }) => !/^@example\b/m.test(doc))
    .map(({ where }) => where);
}

function computedErrorNames(packages: Packages): string[] {
  return everyDeclared(packages)
    .filter(({ declaration: { kind, name } }) => kind === 'class' && name.endsWith('Error'))
    .filter(({ declaration: { signature } }) => !signature.startsWith('export declare abstract'))
    .filter(
      ({ declaration: { name, signature } }) =>
        !new RegExp(`(readonly name(: | = )|get name\\(\\): )["']${name}["']`).test(signature),
    )
    .map(({ where }) => where);
}

const isFunctionType = (node: Node): boolean =>
  node.type === 'TSFunctionType' || node.type === 'TSMethodSignature';

/**
 * The parameters that a caller of Pawl fills in: of functions, constructors and methods. Those of
 * a callback are Pawl's to fill in.
 */
function parametersIn(node: Node, isCallback = false): Node[] {
  const { params, type } = node as Callable;
  if (type === 'TSFunctionType' && isCallback) return [];
  if (Array.isArray(params)) return [...params];
  const inside = isCallback || type === 'TSPropertySignature' || type === 'TSTypeAliasDeclaration';
  return childrenOf(node).flatMap((child) => parametersIn(child, inside));
}

/** The types of the parameters of exported functions and constructors, and what these consist of. */
function inputTypes(packages: Packages): Map<string, Declaration> {
  const found = new Map<string, Declaration>();
  const add = (declaration: Declaration): void => {
    if (found.has(declaration.id) || !['interface', 'type'].includes(declaration.kind)) return;
    found.set(declaration.id, declaration);
    const parts: Node[] = [];
    const collect = (node: Node): void => {
      if (isFunctionType(node)) return;
      parts.push({ ...node, type: node.type });
      childrenOf(node).forEach(collect);
    };
    declaration.nodes.forEach(collect);
    for (const part of parts) shallow(declaration, part).forEach(add);
  };
  for (const { declaration } of everyDeclared(packages)) {
    const parameters = declaration.nodes.flatMap((node) => parametersIn(node));
    referencesIn(declaration, parameters).forEach(add);
  }
  return found;
}

/** What one node names by itself, not what stands below it. */
function shallow(declaration: Declaration, node: Node): Declaration[] {
  const names = new Set(['TSTypeReference', 'TSInterfaceHeritage']);
  return names.has(node.type) ? referencesIn(declaration, [node]) : [];
}

const includesUndefined = new Set(['TSUndefinedKeyword', 'TSUnknownKeyword']);

const allowsUndefined = (annotation: Node | null | undefined): boolean =>
  annotation?.type === 'TSTypeAnnotation' &&
  childrenOf(annotation).some(
    (type) =>
      includesUndefined.has(type.type) ||
      (type.type === 'TSUnionType' &&
        childrenOf(type).some(({ type: each }) => includesUndefined.has(each))),
  );

function optionalWithoutUndefined(packages: Packages): string[] {
  const exported = new Map(
    everyDeclared(packages).map((each) => [each.declaration.id, each.where]),
  );
  return [...inputTypes(packages).values()].flatMap((declaration) => {
    const broken: string[] = [];
    for (const node of declaration.nodes) {
      walk(node, (each) => {
        const { optional, key, type, typeAnnotation } = each as Member;
        const member = type === 'TSPropertySignature' || type === 'TSMethodSignature';
        if (!member || !optional || allowsUndefined(typeAnnotation)) return;
        broken.push(`${exported.get(declaration.id) ?? declaration.id}: ${key?.name ?? '?'}`);
      });
    }
    return broken;
  });
}

/** Each rule by its name, with what breaks it. */
export function apiRules(packages: Packages = publishedPackages): Record<string, string[]> {
  return {
    'no name is in two entries of a package': inTwoEntries(packages),
    'no type name has two meanings': typesWithTwoMeanings(packages),
    'each export has a sentence': withoutSentence(packages),
    'each factory has an @example': factoriesWithoutExample(packages),
    'each error class has a literal name': computedErrorNames(packages),
    'optional members of inputs allow undefined': optionalWithoutUndefined(packages),
  };
}
