/** Sends events until the server says that they are on disk, or refuses them. Never drops one. */
import type { Event, SessionState } from "./contract";
import { HttpError } from "./http";
import type { OutboxStore } from "./outbox_store";
import { backoff } from "./retry";

export type Trouble = "none" | "connection" | "refusal";

export interface Delivery {
  state: SessionState;
  /** Why the server did not take the event; null when it is on disk. */
  refusal: string | null;
}

const BATCH = 200;

export class Outbox {
  private readonly deliveries = new Map<string, { resolve: (delivery: Delivery) => void; reject: (e: unknown) => void }>();
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;

  constructor(
    private readonly session: string,
    private readonly store: OutboxStore,
    private readonly send: (events: Event[]) => Promise<SessionState>,
    private readonly onTrouble: (trouble: Trouble) => void,
  ) {}

  /** Keeps the event and sends it when it can. */
  async post(event: Event): Promise<void> {
    if (this.stopped) return;
    await this.store.add(this.session, event);
    void this.flush().catch(() => undefined); // a deadly refusal reaches whoever awaits a delivery
  }

  /** Keeps the event, and resolves with the server's answer about it, however long that takes. */
  async deliver(event: Event): Promise<Delivery> {
    const delivery = new Promise<Delivery>((resolve, reject) => this.deliveries.set(event.id, { resolve, reject }));
    await this.post(event);
    return delivery;
  }

  /** Sends all that waits; resolves once nothing does. */
  flush(): Promise<void> {
    this.again = true;
    this.running ??= this.drain().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Sends nothing more and forgets the session's events (after a withdrawal). */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.store.clear(this.session);
  }

  private async drain(): Promise<void> {
    while (this.again) {
      this.again = false;
      for (let failures = 0; !this.stopped; ) {
        const events = (await this.store.waiting(this.session)).slice(0, BATCH);
        if (events.length === 0) break;
        try {
          const state = await this.send(events);
          failures = 0;
          await this.acknowledge(events, state);
          this.onTrouble("none");
        } catch (error) {
          if (error instanceof HttpError && error.status === 401) return this.fail(error);
          this.onTrouble(error instanceof HttpError && !error.passing ? "refusal" : "connection");
          await backoff(failures);
          failures += 1;
        }
      }
    }
  }

  private async acknowledge(events: Event[], state: SessionState): Promise<void> {
    const refused = state.refused ?? {};
    const settled = [...(state.stored ?? []), ...Object.keys(refused)];
    if (!events.some((event) => settled.includes(event.id))) throw new Error("the server acknowledged no event");
    await this.store.remove(settled);
    for (const id of settled) {
      this.deliveries.get(id)?.resolve({ state, refusal: refused[id] ?? null });
      this.deliveries.delete(id);
    }
  }

  /** The session is not known any more: its events stay in the store, whoever waits learns why. */
  private fail(error: HttpError): void {
    for (const { reject } of this.deliveries.values()) reject(error);
    this.deliveries.clear();
  }
}
