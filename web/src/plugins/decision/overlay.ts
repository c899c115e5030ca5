/** A map over the picture (heat map, contours, veil), with its switch, its opacity and its legend. */
import type { Explanation, Picture } from "../../contract";
import { el, freshId } from "../../dom";
import { percent } from "../../format";
import type { Tools } from "../tools";
import { Inspector } from "./inspector";
import { legendOf } from "./legend";

/** A heat map would hide the picture; lines and a veil are made to leave it in sight. */
const HEAT_OPACITY = 0.8;
const STEP = 0.05;

export class Overlay extends Inspector {
  readonly image = el("img", { class: "overlay" });
  readonly controls: HTMLElement;
  override readonly layout = "explained";
  override opacity: number;
  private readonly slider: HTMLInputElement;

  constructor(explanation: Explanation, picture: Picture, tools: Tools) {
    super(tools);
    const { strings } = tools;
    const id = freshId("opacity");
    this.pictures.push([this.image, picture]);
    this.opacity = explanation.kind === "overlay" ? HEAT_OPACITY : 1;
    this.slider = el("input", { id, type: "range", min: 0, max: 1, step: STEP, value: this.opacity });
    this.slider.addEventListener("input", () => this.applyOpacity());
    this.slider.addEventListener("change", () => tools.log("opacity_changed", { opacity: this.opacity }));
    this.applyOpacity();

    this.controls = el(
      "div",
      { class: "overlay-controls", role: "group", "aria-label": strings.explanation },
      el("p", { class: "overlay-title" }, strings.explanation),
      this.switch,
      el("label", { class: "opacity", for: id }, el("span", {}, strings.opacity), this.slider, el("kbd", { "aria-hidden": true }, "← →")),
      legendOf(explanation, tools),
    );
  }

  override parts(): [string, HTMLElement][] {
    return [...super.parts(), ["map", this.image]];
  }

  override arrange(look: HTMLElement, figure: HTMLElement | null): void {
    figure?.append(this.image);
    super.arrange(look, figure);
  }

  override press(event: KeyboardEvent, free: boolean): boolean {
    if (super.press(event, free)) return true;
    const step = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
    if (step === 0 || !free) return false;
    this.slider.value = String(this.opacity + step);
    this.applyOpacity();
    this.tools.log("opacity_changed", { opacity: this.opacity });
    return true;
  }

  protected show(visible: boolean): void {
    this.image.hidden = !visible;
    this.slider.disabled = !visible;
  }

  private applyOpacity(): void {
    this.opacity = Number(this.slider.value);
    this.image.style.opacity = this.slider.value;
    this.slider.setAttribute("aria-valuetext", percent(this.opacity, this.tools.language));
  }
}
