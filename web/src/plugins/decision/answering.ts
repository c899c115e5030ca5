/** Look, choose, change one's mind, confirm; or ask for the advice, where it is given on request. */
import { el } from "../../dom";
import { percent } from "../../format";
import { actsOnEnter, pressed } from "../../keys";
import { adviceCard } from "./advice";
import { Jump } from "./jump";
import { AnswerPanel } from "./panel";
import { Screen, type Shown } from "./screen";
import { TimeLeft } from "./timeleft";

const REQUEST = "m";

export class AnswerScreen extends Screen {
  private readonly panel: AnswerPanel;
  private readonly mayRequest: boolean;
  private readonly problem = el("p", { class: "problem", role: "alert" });
  private jump: Jump | null = null;

  constructor(shown: Shown) {
    super(shown);
    const { step, tools } = this;
    const { strings } = tools;
    const legend = step.initial === null ? strings.yourAnswer : strings.finalAnswer;
    this.panel = new AnswerPanel(legend, step, { initial: step.initial, advice: step.advice?.decision ?? null }, tools, () => this.answered());
    this.mayRequest = step.may_request || step.stage === "open";
    if (step.most_seconds !== null) this.time = new TimeLeft(step.most_seconds, strings.timeLeft, strings.hurry, () => this.timeOut());
  }

  protected build(): void {
    const { step, tools, panel } = this;
    const { strings } = tools;
    const advice = step.advice && adviceCard(step.advice, tools);
    const answer = el("div", { class: "answer" }, this.note, advice, this.ownAnswer(), ...panel.elements);
    const confirm = el("button", { type: "submit", class: "primary" }, strings.confirm, el("kbd", { "aria-hidden": true }, "↵"));
    this.jump = this.item.long ? new Jump(answer, tools) : null;
    this.side.append(answer, el("div", { class: "actions" }, this.problem, confirm, this.request(), this.jump?.button));
    this.hover.add("advice", advice);
    this.hover.add("options", panel.field.element);
    this.hover.add("confidence", panel.confidence?.element);
  }

  protected override watch(signal: AbortSignal): void {
    this.form.addEventListener("input", () => this.answered(), { signal });
    this.jump?.watch(this.panel.field.element, signal);
  }

  protected key(event: KeyboardEvent): boolean {
    const { initial } = this.step;
    if (event.key === "Enter" && !actsOnEnter(event.target)) this.submit(event);
    else if (initial !== null && pressed(event, "k") && !this.keyTaken("k")) this.panel.field.choose(initial);
    else if (this.mayRequest && pressed(event, REQUEST) && !this.keyTaken(REQUEST)) this.ask(event);
    else return this.panel.press(event);
    return true;
  }

  protected submit(event: Event): void {
    const lack = this.panel.lack();
    if (lack) {
      this.problem.textContent = lack.text;
      return lack.at.focus();
    }
    this.end(this.panel.given, event);
  }

  private ask(event: Event): void {
    this.end({ requested: true, changes: this.panel.field.changes }, event);
  }

  private timeOut(): void {
    this.end({ timed_out: true, changes: this.panel.field.changes });
  }

  private answered(): void {
    this.problem.textContent = "";
    this.panel.follow();
  }

  private request(): HTMLElement | null {
    if (!this.mayRequest) return null;
    const hint = this.keyTaken(REQUEST) ? null : el("kbd", { "aria-hidden": true }, REQUEST.toUpperCase());
    const button = el("button", { type: "button", class: "request", "aria-keyshortcuts": hint && REQUEST.toUpperCase() }, this.tools.strings.requestAdvice, hint);
    button.addEventListener("click", (event) => this.ask(event));
    return button;
  }

  private ownAnswer(): HTMLElement | null {
    const { step, tools } = this;
    const { strings } = tools;
    const { initial } = step;
    const label = this.label(initial);
    if (initial === null || label === null) return null;
    const keep = el("button", { type: "button", class: "small" }, strings.keep, this.keyTaken("k") ? null : el("kbd", { "aria-hidden": true }, "K"));
    keep.addEventListener("click", () => this.panel.field.choose(initial));
    const sure = step.initial_confidence === null ? null : el("span", { class: "certainty" }, strings.sure(percent(step.initial_confidence, tools.language)));
    return el("div", { class: "own" }, el("p", {}, el("span", { class: "what" }, strings.firstAnswer), el("strong", {}, label), sure), keep);
  }
}
