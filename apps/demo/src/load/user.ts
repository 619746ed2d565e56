/** One user with the cookies of a browser. */
export class LoadUser {
  readonly #cookies = new Map<string, string>();

  /** The `Cookie` header for a path. Like a browser, it sends the refresh cookie only to `/refresh`. */
  cookieFor(path: string): string {
    return [...this.#cookies]
      .filter(([name]) => name !== 'refresh_token' || path === '/refresh')
      .map(([name, value]) => `${name}=${value}`)
      .join('; ');
  }

  keep(setCookies: readonly string[]): void {
    for (const line of setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
  }
}

/** How many users sign up at a time: hashing passwords is slow by design. */
const concurrency = 8;

const forEachConcurrently = async <T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
};

export const signUpAll = async (origin: string, count: number): Promise<readonly LoadUser[]> => {
  const users = Array.from({ length: count }, () => new LoadUser());
  await forEachConcurrently([...users.entries()], async ([index, user]) => {
    const response = await fetch(`${origin}/register`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({
        username: `user${index}-${Date.now()}`,
        password: 'correct horse battery',
      }),
    });
    if (response.status !== 201) throw new Error(`sign-up responded with ${response.status}`);
    user.keep(response.headers.getSetCookie());
  });
  return users;
};

/** Returns how many users can still refresh and read their content. */
export const stillSignedIn = async (
  origin: string,
  users: readonly LoadUser[],
): Promise<number> => {
  let alive = 0;
  await forEachConcurrently(users, async (user) => {
    const refreshed = await fetch(`${origin}/refresh`, {
      method: 'POST',
      headers: { origin, cookie: user.cookieFor('/refresh') },
    });
    user.keep(refreshed.headers.getSetCookie());
    const content = await fetch(`${origin}/content`, {
      headers: { cookie: user.cookieFor('/content') },
    });
    if (refreshed.ok && content.ok) alive++;
  });
  return alive;
};
