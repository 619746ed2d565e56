/**
 * Finds `instanceof` with a class that another realm, or another copy of a package, has a second time:
 * a built-in or imported one. Under jsdom, in `node:vm` and with two copies of a package installed it
 * is false for what it means. A class of the package itself, which marks its own values, is fine.
 */
export const foreignIdentities = (source: string): string[] => {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  const own = new Set<string>();
  for (const [, name] of code.matchAll(/\bclass\s+(\w+)/g)) own.add(name as string);
  for (const [, names] of code.matchAll(/\bimport\s*\{([^}]*)\}\s*from\s*'\.{1,2}\//g)) {
    for (const name of (names as string).split(',')) own.add(name.trim().split(/\s+/).at(-1) ?? '');
  }
  return [...code.matchAll(/\binstanceof\s+([\w.]+)/g)]
    .map(([, name]) => name as string)
    .filter((name) => !own.has(name));
};
