/** Pages with nothing to answer: the item alone for a while, or what the model decided by itself. */
import { el } from "../../dom";
import { actsOnEnter } from "../../keys";
import { headline, surenessCard } from "./headline";
import { Screen, type Shown } from "./screen";
import { TimeLeft } from "./timeleft";

/** The item alone; the page goes on by itself. */
export class WaitScreen extends Screen {
  constructor(shown: Shown) {
    super(shown);
    this.time = new TimeLeft(this.step.wait_seconds ?? 0, this.tools.strings.adviceIn, null, () => this.end({}));
  }

  protected build(): void {
    const { strings } = this.tools;
    this.side.append(el("div", { class: "answer" }, this.note, el("div", { class: "guide" }, el("p", { class: "guide-title" }, strings.lookFirst), el("p", {}, strings.waitHint))));
  }

  protected key(): boolean {
    return false;
  }

  protected submit(): void {} // there is nothing to submit
}

/** The operator is told what the model decided. */
export class HandledScreen extends Screen {
  protected build(): void {
    const { step, tools } = this;
    const { strings } = tools;
    const sure = surenessCard(step.advice, tools);
    const next = el("button", { type: "submit", class: "primary" }, strings.continue, el("kbd", { "aria-hidden": true }, "↵"));
    this.side.append(
      el("div", { class: "answer" }, this.note, sure, el("p", { class: "guide" }, strings.handledHint)),
      el("div", { class: "actions" }, next),
    );
    this.hover.add("advice", sure);
  }

  protected override head(page: HTMLElement): void {
    this.hover.add("advice", headline(page, this.tools.strings.modelDecided, this.step.advice?.label ?? "", this.step.question));
    super.head(page);
  }

  protected key(event: KeyboardEvent): boolean {
    if (event.key !== "Enter" || actsOnEnter(event.target)) return false;
    this.submit(event);
    return true;
  }

  protected submit(event: Event): void {
    this.end({}, event);
  }
}
