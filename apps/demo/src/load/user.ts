/** One user with a browser: what its cookies are is all that it knows. */
export class LoadUser {
  readonly #cookies = new Map<string, string>();

  /** Without the refresh cookie, where a browser would not send it. */
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

/** So many at a time: hashing passwords is meant to be slow. */
const atOnce = 8;

const inTurns = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};

export const signUpAll = async (origin: string, count: number): Promise<readonly LoadUser[]> => {
  const users = Array.from({ length: count }, () => new LoadUser());
  await inTurns([...users.entries()], async ([index, user]) => {
    const response = await fetch(`${origin}/register`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({
        username: `user${index}-${Date.now()}`,
        password: 'correct horse battery',
      }),
    });
    if (response.status !== 201) throw new Error(`sign-up answered ${response.status}`);
    user.keep(response.headers.getSetCookie());
  });
  return users;
};

/** How many can still refresh, and see what is for them alone. */
export const stillSignedIn = async (
  origin: string,
  users: readonly LoadUser[],
): Promise<number> => {
  let alive = 0;
  await inTurns(users, async (user) => {
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
