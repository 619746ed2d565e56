/** How many names are remembered, of which length: those of honest clients, and no more. */
const most = 500;
const longest = 64;

/**
 * Remembers what is to be done with a header of this name, as it was spelt: the same few
 * come with every request.
 *
 * @param judge its answer depends on nothing but the name
 */
export const rememberNames = (judge: (name: string) => string): ((name: string) => string) => {
  const known = new Map<string, string>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = judge(name);
    if (known.size >= most) known.clear();
    if (name.length <= longest) known.set(name, found);
    return found;
  };
};
