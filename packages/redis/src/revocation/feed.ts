import type { RevocationListener } from '@pawl/core/store';
import type { RedisClient, RedisSubscriber } from '../connection/client.ts';

/** Options of {@link RevocationFeed}. */
export interface FeedOptions {
  readonly subscriber: RedisSubscriber;
  readonly channel: string;
  /** The interval of heartbeats, in ms; 0 disables them. */
  readonly heartbeat: number;
  /** Publishes the heartbeats. */
  readonly client: RedisClient;
}

/** The feed counts as broken after this many missed heartbeats. */
const maxMissedHeartbeats = 3;

const idLength = 24;
/** Shorter than any session id, so that it cannot be taken for a revocation. */
const heartbeatMessage = '.';

/**
 * Receives the revocations of all nodes from the channel on which the revoking scripts publish.
 * The feed counts as connected only while heartbeats arrive on the same channel, because a
 * connection can stay open although it no longer delivers anything.
 */
export class RevocationFeed {
  readonly #options: FeedOptions;
  readonly #listeners = new Set<RevocationListener>();
  #connected = false;
  #isClosed = false;
  /** When the last message arrived, in ms since the epoch. */
  #lastMessageAt = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Incremented when a subscription starts or ends, so that a late reply can be ignored. */
  #attempt = 0;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  subscribe(listener: RevocationListener): () => void {
    if (this.#isClosed) return () => undefined;
    // A copy, so that the same listener can subscribe twice.
    const entry: RevocationListener = {
      revoked: (sessionId, reason) => listener.revoked(sessionId, reason),
      connected: (connected) => listener.connected(connected),
    };
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) this.#start();
    else if (this.#connected) callListener(() => entry.connected(true));
    return () => {
      if (this.#listeners.delete(entry) && this.#listeners.size === 0) this.#stop();
    };
  }

  /** Ends all subscriptions. A later one is never connected. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#listeners.size === 0) return;
    this.#setConnected(false);
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    const { subscriber, heartbeat } = this.#options;
    subscriber.on('messageBuffer', this.#onMessage);
    subscriber.on('close', this.#onClose);
    subscriber.on('ready', this.#subscribeToChannel);
    this.#subscribeToChannel();
    if (heartbeat > 0) this.#timer = setInterval(this.#checkHeartbeat, heartbeat).unref();
  }

  #stop(): void {
    const { subscriber, channel } = this.#options;
    subscriber.off('messageBuffer', this.#onMessage);
    subscriber.off('close', this.#onClose);
    subscriber.off('ready', this.#subscribeToChannel);
    clearInterval(this.#timer);
    this.#connected = false;
    this.#attempt++;
    subscriber.unsubscribe(channel).catch(() => undefined);
  }

  /** The feed is connected as soon as the server has confirmed the subscription. */
  readonly #subscribeToChannel = (): void => {
    const attempt = ++this.#attempt;
    this.#options.subscriber.subscribe(this.#options.channel).then(
      () => {
        if (attempt !== this.#attempt) return;
        this.#lastMessageAt = Date.now();
        this.#setConnected(true);
      },
      () => undefined, // The client reconnects and then emits `ready` again.
    );
  };

  readonly #onClose = (): void => {
    this.#attempt++;
    this.#setConnected(false);
  };

  readonly #onMessage = (channel: Buffer, message: Buffer): void => {
    if (channel.toString() !== this.#options.channel) return;
    this.#lastMessageAt = Date.now();
    if (message.length >= idLength) {
      const text = message.toString();
      for (const listener of this.#listeners) {
        callListener(() => listener.revoked(text.slice(0, idLength), text.slice(idLength)));
      }
    }
    // The feed works again after a silence. Messages of that time are lost, but listeners were
    // told, so they have emptied their caches.
    if (!this.#connected) this.#setConnected(true);
  };

  readonly #checkHeartbeat = (): void => {
    const { client, channel, heartbeat } = this.#options;
    const silence = Date.now() - this.#lastMessageAt;
    if (this.#connected && silence > maxMissedHeartbeats * heartbeat) this.#setConnected(false);
    // The heartbeat of any node counts, so that many nodes do not send many heartbeats.
    if (silence >= heartbeat / 2) {
      client.publish(channel, heartbeatMessage).catch(() => undefined);
    }
  };

  #setConnected(connected: boolean): void {
    if (this.#connected === connected) return;
    this.#connected = connected;
    for (const listener of this.#listeners) callListener(() => listener.connected(connected));
  }
}

/** Calls a listener; an error that it throws does not stop the other listeners. */
const callListener = (call: () => void): void => {
  try {
    call();
  } catch (error) {
    console.error('pawl: a revocation listener threw', error);
  }
};
