import type { Event } from "../contract";
import { el } from "../dom";
import type { PanelWords } from "./words";

const LONG = 20;

/** The events as they would be sent, the newest in sight. */
export class Recorder {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly nothing: HTMLElement;

  constructor(private readonly words: PanelWords) {
    this.nothing = el("li", { class: "soft" }, words.nothingYet);
    this.list = el("ol", { class: "record", tabindex: 0, "aria-label": words.recorded }, this.nothing);
    this.element = el("section", {}, el("h2", {}, words.recorded), this.list);
  }

  add(event: Event, refusal: string | null): void {
    this.nothing.remove();
    const kind = event.type === "complete" ? "event complete" : "event";
    const data = Object.keys(event.data ?? {}).length > 0 ? el("pre", {}, JSON.stringify(event.data, shortened, 1)) : null;
    const head = el("p", {}, el("code", {}, event.type), ` · ${event.step} · `, el("time", { datetime: event.time }, event.time.slice(11, 23)));
    this.list.append(el("li", { class: kind }, head, data, refusal && el("p", { class: "problem" }, this.words.refused(refusal))));
    this.list.scrollTop = this.list.scrollHeight;
  }
}

/** Long lists, such as a pointer's way, by their beginning and length. */
function shortened(_key: string, value: unknown): unknown {
  return Array.isArray(value) && value.length > LONG ? [...value.slice(0, 2).map((one) => JSON.stringify(one)), `… ${value.length}`] : value;
}
