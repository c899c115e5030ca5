/** The model decides; for a while the operator may veto its decision with one of their own. */
import { el } from "../../dom";
import { actsOnEnter, pressed } from "../../keys";
import { headline, surenessCard } from "./headline";
import { AnswerPanel } from "./panel";
import { points } from "./score";
import { Screen, type Shown } from "./screen";
import { TimeLeft } from "./timeleft";

const VETO = "v";

export class SupervisedScreen extends Screen {
  private readonly panel: AnswerPanel;
  private readonly problem = el("p", { class: "problem", role: "alert" });
  private readonly veto: HTMLButtonElement;
  private readonly watching: HTMLElement[];
  private readonly deciding: HTMLElement[];
  private open = false;

  constructor(shown: Shown) {
    super(shown);
    const { step, tools } = this;
    const { strings } = tools;
    this.time = new TimeLeft(step.veto_seconds ?? 0, strings.vetoFor, null, () => this.end({}));
    this.panel = new AnswerPanel(strings.ownDecision, step, { initial: null, advice: step.advice?.decision ?? null }, tools, () => this.answered());
    this.veto = el("button", { type: "button", class: "veto", "aria-keyshortcuts": "V" }, strings.veto, el("kbd", { "aria-hidden": true }, "V"));
    this.veto.addEventListener("click", () => this.begin());
    this.watching = this.whileWatching();
    this.deciding = this.whileDeciding();
  }

  protected build(): void {
    this.side.append(...this.watching);
    this.hover.add("options", this.panel.field.element);
    this.hover.add("confidence", this.panel.confidence?.element);
  }

  protected override head(page: HTMLElement): void {
    this.hover.add("advice", headline(page, this.tools.strings.modelDecides, this.step.advice?.label ?? "", this.step.question));
    super.head(page);
  }

  protected override watch(signal: AbortSignal): void {
    this.form.addEventListener("input", () => this.answered(), { signal });
  }

  protected key(event: KeyboardEvent): boolean {
    if (!this.open) {
      if (!pressed(event, VETO)) return false;
      this.begin();
    } else if (event.key === "Escape") {
      this.cancel();
    } else if (event.key === "Enter" && !actsOnEnter(event.target)) {
      this.submit(event);
    } else {
      return this.panel.press(event);
    }
    return true;
  }

  protected submit(event: Event): void {
    if (!this.open) return;
    const lack = this.panel.lack();
    const same = this.panel.field.choice === this.step.advice?.decision;
    if (lack || same) {
      this.problem.textContent = same ? this.tools.strings.vetoSame : (lack?.text ?? "");
      return (same ? this.panel.field : lack?.at)?.focus();
    }
    this.end({ ...this.panel.given, vetoed: true }, event);
  }

  private begin(): void {
    this.open = true;
    this.time?.pause(this.tools.strings.timeStopped);
    this.tools.log("veto_opened");
    this.side.replaceChildren(...this.deciding);
    this.panel.field.focus();
  }

  /** The time that was left goes on. */
  private cancel(): void {
    this.open = false;
    this.problem.textContent = "";
    this.tools.log("veto_cancelled");
    this.side.replaceChildren(...this.watching);
    this.veto.focus({ preventScroll: true });
    this.time?.start();
  }

  private answered(): void {
    this.problem.textContent = "";
    this.panel.follow();
  }

  private whileWatching(): HTMLElement[] {
    const { step, tools } = this;
    const { strings } = tools;
    const sure = surenessCard(step.advice, tools);
    const price = step.veto_price ? ` ${strings.vetoCosts(points(step.veto_price, tools))}` : null;
    this.hover.add("advice", sure);
    return [
      el("div", { class: "answer" }, this.note, sure, el("p", { class: "guide" }, strings.vetoHint, price)),
      el("div", { class: "actions" }, this.veto),
    ];
  }

  private whileDeciding(): HTMLElement[] {
    const { strings } = this.tools;
    const confirm = el("button", { type: "submit", class: "primary" }, strings.confirmVeto, el("kbd", { "aria-hidden": true }, "↵"));
    const cancel = el("button", { type: "button" }, strings.cancel, el("kbd", { "aria-hidden": true }, "Esc"));
    cancel.addEventListener("click", () => this.cancel());
    return [el("div", { class: "answer" }, ...this.panel.elements), el("div", { class: "actions" }, this.problem, confirm, cancel)];
  }
}
