import type { RevocationListener } from '@pawl/core/store';
import type { RedisClient, RedisSubscriber } from '../connection/client.ts';

export interface FeedOptions {
  readonly subscriber: RedisSubscriber;
  readonly channel: string;
  /** In ms; 0: none. */
  readonly heartbeat: number;
  /** Publishes the heartbeats. */
  readonly client: RedisClient;
}

/** How many heartbeats may be missed before the feed counts as broken. */
const patience = 3;

const idLength = 24;
/** Shorter than any id, so that it is told from a revocation. */
const beat = '.';

/**
 * The revocations of all nodes, from one channel that the revoking scripts
 * publish on. It counts as whole only while heartbeats come through that very
 * channel: a connection may be open long after nothing comes through it.
 */
export class RevocationFeed {
  readonly #options: FeedOptions;
  readonly #listeners = new Set<RevocationListener>();
  #whole = false;
  #lastHeard = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Tells an answer to a subscription that has been broken off meanwhile. */
  #attempt = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  subscribe(listener: RevocationListener): () => void {
    // A copy, so that one listener may subscribe twice.
    const own: RevocationListener = {
      revoked: (sessionId, reason) => listener.revoked(sessionId, reason),
      connected: (connected) => listener.connected(connected),
    };
    this.#listeners.add(own);
    if (this.#listeners.size === 1) this.#start();
    else if (this.#whole) own.connected(true);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    const { subscriber, heartbeat } = this.#options;
    subscriber.on('messageBuffer', this.#heard);
    subscriber.on('close', this.#broken);
    subscriber.on('ready', this.#listen);
    this.#listen();
    if (heartbeat > 0) this.#timer = setInterval(this.#check, heartbeat).unref();
  }

  #stop(): void {
    const { subscriber, channel } = this.#options;
    subscriber.off('messageBuffer', this.#heard);
    subscriber.off('close', this.#broken);
    subscriber.off('ready', this.#listen);
    clearInterval(this.#timer);
    this.#whole = false;
    this.#attempt++;
    subscriber.unsubscribe(channel).catch(() => undefined);
  }

  /** Whole from the moment that the server has confirmed the subscription. */
  readonly #listen = (): void => {
    const attempt = ++this.#attempt;
    this.#options.subscriber.subscribe(this.#options.channel).then(
      () => {
        if (attempt !== this.#attempt) return;
        this.#lastHeard = Date.now();
        this.#tellConnected(true);
      },
      () => undefined, // The client connects again, and is `ready` again then.
    );
  };

  readonly #broken = (): void => {
    this.#attempt++;
    this.#tellConnected(false);
  };

  readonly #heard = (channel: Buffer, message: Buffer): void => {
    if (channel.toString() !== this.#options.channel) return;
    this.#lastHeard = Date.now();
    if (message.length >= idLength) {
      const text = message.toString();
      for (const listener of this.#listeners) {
        tell(() => listener.revoked(text.slice(0, idLength), text.slice(idLength)));
      }
    }
    // Heard again after a silence: what was said meanwhile is lost, but the cache was emptied.
    if (!this.#whole) this.#tellConnected(true);
  };

  readonly #check = (): void => {
    const { client, channel, heartbeat } = this.#options;
    const silence = Date.now() - this.#lastHeard;
    if (this.#whole && silence > patience * heartbeat) this.#tellConnected(false);
    // Anybody's heartbeat will do, so that many nodes do not send many.
    if (silence >= heartbeat / 2) {
      client.publish(channel, beat).catch(() => undefined);
    }
  };

  #tellConnected(whole: boolean): void {
    if (this.#whole === whole) return;
    this.#whole = whole;
    for (const listener of this.#listeners) tell(() => listener.connected(whole));
  }
}

/** A listener's bug must not keep the others from hearing. */
const tell = (call: () => void): void => {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
