/** On a small screen a long case file pushes the answer out of sight: a button that brings it back. */
import { el } from "../../dom";
import type { Tools } from "../tools";

const UNDER_ACTIONS = "0px 0px -80px 0px";

export class Jump {
  readonly button: HTMLButtonElement;

  constructor(
    private readonly target: HTMLElement,
    { strings }: Tools,
  ) {
    this.button = el("button", { type: "button", class: "jump", hidden: true }, strings.toAnswer, el("span", { "aria-hidden": true }, "↓"));
    this.button.addEventListener("click", () => this.target.scrollIntoView({ block: "start" }));
  }

  /** Offers the button while `sight` is below the screen. */
  watch(sight: HTMLElement, signal: AbortSignal): void {
    const observer = new IntersectionObserver(([entry]) => {
      if (entry) this.button.hidden = entry.isIntersecting || entry.boundingClientRect.top < 0;
    }, { rootMargin: UNDER_ACTIONS });
    observer.observe(sight);
    signal.addEventListener("abort", () => observer.disconnect());
  }
}
