/** A session that the server keeps nothing of: the answers so far travel with every call. */
import type { Event, PreviewCall, PreviewState, SessionState } from "../contract";
import { get, post } from "../http";
import { Media } from "../media";
import type { Delivery } from "../outbox";
import { untilAnswered } from "../retry";
import { type Source, event } from "../session";

type Told = { event: Event; refusal: string | null };

export class PreviewSource implements Source {
  readonly media = new Media(async (url) => (await get(url.replace("/api/media/", "/api/preview/media/"))).blob());
  readonly link = location.href;
  private readonly answers: Record<string, Record<string, unknown>> = {};
  private shown: PreviewState | null = null;

  constructor(
    private readonly condition: string,
    private readonly language: string,
    private readonly onTold: (told: Told) => void,
    private readonly onFailure: () => void,
  ) {}

  /** Throws HttpError 401 without the researcher's cookie, 404 where the study has no such condition or page. */
  async open(cursor: number | null): Promise<PreviewState> {
    this.shown = await this.call(cursor, null);
    return this.shown;
  }

  async state(): Promise<SessionState> {
    if (this.shown === null) throw new Error("the preview is not open");
    return stateOf(this.shown);
  }

  log(step: number, type: string, data: Record<string, unknown> = {}): void {
    this.onTold({ event: event(step, type, data), refusal: null });
  }

  async complete(step: number, data: Record<string, unknown>): Promise<Delivery> {
    this.shown = await this.call(step, data);
    const { refusal } = this.shown;
    if (refusal === null) this.answers[step] = data;
    this.onTold({ event: event(step, "complete", data), refusal });
    return { state: stateOf(this.shown), refusal };
  }

  private async call(cursor: number | null, complete: PreviewCall["complete"]): Promise<PreviewState> {
    const body: PreviewCall = { condition: this.condition, language: this.language, answers: this.answers, cursor, complete };
    return (await untilAnswered(() => post("/api/preview", body), this.onFailure)).json();
  }
}

function stateOf({ language, step }: PreviewState): SessionState {
  return { stored: [], refused: {}, language, step };
}
