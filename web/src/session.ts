/** One operator's session: its token, its outbox, its pictures and the step that the server says is current. */
import type { Event, SessionState } from "./contract";
import { Http, HttpError } from "./http";
import { Media } from "./media";
import { Outbox, type Delivery, type Trouble } from "./outbox";
import type { OutboxStore } from "./outbox_store";
import { untilAnswered } from "./retry";
import { linkOf } from "./token";

export type Step = SessionState["step"];

/** What the timeline needs of a session: of an operator's, or of a researcher's preview. */
export type Source = Pick<Session, "media" | "link" | "state" | "log" | "complete">;

export class Session {
  readonly media: Media;
  /** Opens this session, here or on another device. */
  readonly link: string;
  private readonly outbox: Outbox;
  private readonly http: Http;

  constructor(
    token: string,
    store: OutboxStore,
    private readonly onTrouble: (trouble: Trouble) => void,
  ) {
    this.http = new Http(token);
    this.link = linkOf(token, location);
    this.outbox = new Outbox(token, store, (events) => this.http.store(events), onTrouble);
    this.media = new Media((url) => this.persist(() => this.http.media(url)));
  }

  /** Opens the session on the server; with a token that it knows, the same one.
   *
   * Throws HttpError 403 when the study is closed.
   */
  open(language: string, externalId: string | null): Promise<SessionState> {
    return this.persist(() => this.http.open(language, externalId));
  }

  /** Goes on where the operator was, or null when the server does not know the session. */
  async resume(): Promise<SessionState | null> {
    try {
      await this.outbox.flush();
      return await this.state();
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) return null;
      throw error;
    }
  }

  state(): Promise<SessionState> {
    return this.persist(() => this.http.state());
  }

  /** Records that something happened, without waiting for the network. */
  log(step: number, type: string, data: Record<string, unknown> = {}): void {
    void this.outbox.post(event(step, type, data));
  }

  /** Ends a step; resolves when the server has stored or refused it. */
  complete(step: number, data: Record<string, unknown>): Promise<Delivery> {
    return this.outbox.deliver(event(step, "complete", data));
  }

  /** Erases the session on the server, then what waits here. */
  async withdraw(): Promise<void> {
    await this.persist(() => this.http.withdraw());
    await this.outbox.stop();
  }

  private async persist<T>(call: () => Promise<T>): Promise<T> {
    const answer = await untilAnswered(call, () => this.onTrouble("connection"));
    this.onTrouble("none");
    return answer;
  }
}

/** Something that happens now, under an id of its own. */
export function event(step: number, type: string, data: Record<string, unknown>): Event {
  return { id: crypto.randomUUID(), step, type, time: new Date().toISOString(), data };
}
