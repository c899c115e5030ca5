/** The map beside the picture, with its switch and its scale. */
import type { Explanation, Picture } from "../../contract";
import { el } from "../../dom";
import type { Tools } from "../tools";
import { Inspector } from "./inspector";
import { legendOf } from "./legend";

export class Beside extends Inspector {
  readonly controls: HTMLElement;
  override readonly layout = "beside";
  private readonly image = el("img", { class: "map" });

  constructor(explanation: Explanation, picture: Picture, tools: Tools) {
    super(tools);
    this.pictures.push([this.image, picture]);
    this.controls = el(
      "div",
      { class: "overlay-controls", role: "group", "aria-label": tools.strings.explanation },
      this.head(tools.strings.explanation),
      legendOf(explanation, tools),
    );
  }

  override parts(): [string, HTMLElement][] {
    return [...super.parts(), ["map", this.image]];
  }

  override arrange(look: HTMLElement, figure: HTMLElement | null): void {
    const frame = el("div", { class: "picture" }, this.image);
    frame.style.aspectRatio = figure?.style.aspectRatio ?? "";
    look.append(frame);
    super.arrange(look, figure);
  }

  // The frame stays, so that nothing moves.
  protected show(visible: boolean): void {
    this.image.hidden = !visible;
  }
}
