/** What every page of a decision has: the item, its onset, what is recorded, and one end. */
import { painted, secondsUntil } from "../../clock";
import type { DecisionData, DecisionStep } from "../../contract";
import { el, showPage } from "../../dom";
import { number } from "../../format";
import { typing } from "../../keys";
import type { Tools } from "../tools";
import { withUnit } from "./estimate";
import { Hover } from "./hover";
import { Item } from "./item";
import { sideNote } from "./note";
import { scoreLine } from "./score";
import type { TimeLeft } from "./timeleft";

export interface Shown {
  display: HTMLElement;
  step: DecisionStep;
  tools: Tools;
  /** The pointer's way is jsPsych's to add. */
  done: (data: Omit<DecisionData, "mouse">) => void;
}

const NOTHING = {
  decision: null, delegated: false, count: 1, requested: false, vetoed: false, timed_out: false, reason: null, confidence: null, changes: 0,
};

export abstract class Screen {
  protected readonly step: DecisionStep;
  protected readonly tools: Tools;
  protected readonly item: Item;
  protected readonly form = el("form", { class: "decision", novalidate: true });
  protected readonly side = el("div", { class: "side" });
  protected readonly hover = new Hover();
  protected readonly note: HTMLElement | null;
  /** Over the page where time counts. */
  protected time: TimeLeft | null = null;
  private readonly listening = new AbortController();
  private onset = 0;

  constructor(private readonly shown: Shown) {
    this.step = shown.step;
    this.tools = shown.tools;
    this.item = new Item(this.step, this.tools);
    this.note = this.step.note ? sideNote(this.step.note, this.tools) : null;
  }

  /** Puts everything on the screen in one frame, the pictures decoded before. */
  async appear(): Promise<void> {
    const { signal } = this.listening;
    this.build();
    this.item.arrange(this.form);
    this.form.append(this.side);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault(); // also before the picture is on the screen: a form left alone would load the page anew
      if (this.onset) this.submit(event);
    }, { signal });
    await this.item.decode();
    for (const [name, element] of this.item.parts) this.hover.add(name, element);
    this.hover.add("note", this.note);
    this.hover.listen(signal);
    const page = showPage(this.shown.display, "decision", this.step.question, this.form);
    page.classList.add(`stage-${this.step.stage}`);
    this.head(page);
    this.onset = await painted();
    this.hover.begin();
    this.item.inspector?.begin();
    this.listen(signal);
    this.time?.start(this.onset);
    page.dataset.listening = "";
  }

  /** Fills the side with what can be done here. */
  protected abstract build(): void;

  /** Acts on a key; says whether it did. */
  protected abstract key(event: KeyboardEvent): boolean;

  protected abstract submit(event: Event): void;

  /** Listens to more than keys and the button, until the end. */
  protected watch(_signal: AbortSignal): void {}

  /** Ends the page, once. */
  protected end(data: Partial<DecisionData>, event?: Event): void {
    if (this.listening.signal.aborted) return;
    this.stop();
    if (!this.form.isConnected) return; // another tab went on: this page is over without an answer
    const { inspector } = this.item;
    this.shown.done({
      ...NOTHING,
      ...data,
      seconds: secondsUntil(this.onset, event),
      explanation_opened: inspector?.opened ?? null,
      explanation_seconds: inspector?.watch.seconds ?? null,
      opacity: inspector?.opacity ?? null,
      onset: this.onset,
      hover: this.hover.seconds,
    });
  }

  /** An answer in words. */
  protected label(answer: string | number | null): string | null {
    const { scale, options } = this.step;
    if (scale && typeof answer === "number") return withUnit(number(answer, this.tools.language), scale.unit);
    return options.find((option) => option.id === answer)?.label ?? null;
  }

  protected keyTaken(key: string): boolean {
    return this.step.options.some((option) => option.key.toLowerCase() === key);
  }

  /** What stands over the form: where one is, the score, the time. */
  protected head(page: HTMLElement): void {
    const { step, tools } = this;
    const badge = step.practice ? tools.strings.practice : step.instruction ? tools.strings.attentionCheck : null;
    const where = tools.strings.trialOf(step.trial, step.trials);
    page.prepend(el("p", { class: "kicker" }, where, badge && el("span", { class: "tag" }, badge), step.score && scoreLine(step.score, tools)));
    if (!this.time) return;
    page.classList.add("timed");
    this.form.before(this.time.element);
  }

  private listen(signal: AbortSignal): void {
    const { inspector } = this.item;
    window.addEventListener("keydown", (event) => this.pressed(event), { signal });
    document.addEventListener("visibilitychange", () => inspector?.tabVisible(document.visibilityState === "visible"), { signal });
    this.watch(signal);
  }

  private pressed(event: KeyboardEvent): void {
    if (!this.form.isConnected) return this.stop();
    if (event.repeat || document.querySelector("dialog[open]")) return;
    const { target } = event;
    const inField = target instanceof HTMLInputElement;
    // The page's one-line fields take numbers: letters mean nothing there, so the page's keys work in them too.
    if (typing(target) && !(inField && /^[a-z]$/i.test(event.key))) return;
    if (this.key(event) || this.item.inspector?.press(event, !inField)) event.preventDefault();
  }

  private stop(): void {
    this.listening.abort();
    this.time?.stop();
    this.item.inspector?.watch.stop();
  }
}
