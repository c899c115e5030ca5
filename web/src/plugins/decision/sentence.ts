/** An explanation that is a sentence and nothing else. */
import { el } from "../../dom";
import type { Tools } from "../tools";
import { Inspector } from "./inspector";

export class Sentence extends Inspector {
  readonly controls: HTMLElement;

  constructor(advice: string | null, tools: Tools) {
    super(tools);
    const { strings } = tools;
    const title = advice === null ? strings.weighed : strings.weighedIn(advice);
    this.controls = el("div", { class: "overlay-controls", role: "group", "aria-label": strings.explanationBars }, this.head(title));
  }

  protected show(): void {} // the sentence itself is the inspector's
}
