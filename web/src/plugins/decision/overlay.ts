/** The heat map over the picture, with its switch, its opacity and its legend. */
import type { Explanation } from "../../contract";
import { Stopwatch } from "../../clock";
import { el, freshId } from "../../dom";
import { percent } from "../../format";
import { pressed } from "../../keys";
import type { Tools } from "../tools";

const START_OPACITY = 0.8;
const STEP = 0.05;

export class Overlay {
  readonly image = el("img", { class: "overlay" });
  readonly controls: HTMLElement;
  readonly watch = new Stopwatch();
  opened = false;
  opacity = START_OPACITY;
  private readonly toggle: HTMLInputElement;
  private readonly slider: HTMLInputElement;

  constructor(
    explanation: Explanation,
    private readonly tools: Tools,
  ) {
    const { strings } = tools;
    this.toggle = el("input", { type: "checkbox", role: "switch", checked: true, "aria-keyshortcuts": "H" });
    this.toggle.addEventListener("change", () => this.setVisible(this.toggle.checked));

    const id = freshId("opacity");
    this.slider = el("input", { id, type: "range", min: 0, max: 1, step: STEP, value: this.opacity });
    this.slider.addEventListener("input", () => this.applyOpacity());
    this.slider.addEventListener("change", () => tools.log("opacity_changed", { opacity: this.opacity }));
    this.applyOpacity();

    this.controls = el(
      "div",
      { class: "overlay-controls", role: "group", "aria-label": strings.explanation },
      el("p", { class: "overlay-title" }, strings.explanation),
      el("label", { class: "switch" }, this.toggle, el("span", {}, strings.showExplanation), el("kbd", { "aria-hidden": true }, "H")),
      el("label", { class: "opacity", for: id }, el("span", {}, strings.opacity), this.slider, el("kbd", { "aria-hidden": true }, "← →")),
      legend(explanation),
    );
  }

  /** Starts counting the time in sight, once the picture is on the screen. */
  begin(): void {
    this.setVisible(this.toggle.checked);
  }

  /** Acts on H and the arrow keys; says whether it did. `free`: arrows mean nothing where the focus is. */
  press(event: KeyboardEvent, free: boolean): boolean {
    if (pressed(event, "h")) {
      this.toggle.checked = !this.toggle.checked;
      this.setVisible(this.toggle.checked);
      return true;
    }
    const step = event.key === "ArrowLeft" ? -STEP : event.key === "ArrowRight" ? STEP : 0;
    if (step === 0 || !free) return false;
    this.slider.value = String(this.opacity + step);
    this.applyOpacity();
    this.tools.log("opacity_changed", { opacity: this.opacity });
    return true;
  }

  /** The time in sight does not run while the tab is hidden. */
  tabVisible(visible: boolean): void {
    if (visible && this.toggle.checked && this.opened) this.watch.start();
    else this.watch.stop();
  }

  private setVisible(visible: boolean): void {
    this.image.hidden = !visible;
    this.slider.disabled = !visible;
    if (visible) {
      this.opened = true;
      this.watch.start();
    } else {
      this.watch.stop();
    }
    this.tools.log(visible ? "explanation_shown" : "explanation_hidden", { opacity: this.opacity });
  }

  private applyOpacity(): void {
    this.opacity = Number(this.slider.value);
    this.image.style.opacity = this.slider.value;
    this.slider.setAttribute("aria-valuetext", percent(this.opacity, this.tools.language));
  }
}

function legend({ legend: { colours, low, high } }: Explanation): HTMLElement {
  const scale = el("div", { class: "scale", "aria-hidden": true });
  scale.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
  return el("div", { class: "legend" }, scale, el("div", { class: "ends" }, el("span", {}, low), el("span", {}, high)));
}
