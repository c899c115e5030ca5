/** What every shown explanation has: a switch, a key, and a watch that runs while it is in sight. */
import { Stopwatch } from "../../clock";
import type { Picture } from "../../contract";
import { el } from "../../dom";
import { pressed } from "../../keys";
import type { Tools } from "../tools";

export abstract class Inspector {
  readonly watch = new Stopwatch();
  opened = false;
  /** Null where there is no opacity to set. */
  opacity: number | null = null;
  /** The form's class, by which the page is laid out. */
  readonly layout: string = "below";
  /** What must be decoded before the page appears. */
  readonly pictures: [HTMLImageElement, Picture][] = [];
  abstract readonly controls: HTMLElement;
  /** In sight only while the explanation is. */
  protected readonly sentences: HTMLElement[] = [];
  protected readonly toggle: HTMLInputElement;
  protected readonly switch: HTMLElement;

  constructor(protected readonly tools: Tools) {
    const { strings } = tools;
    this.toggle = el("input", { type: "checkbox", role: "switch", checked: true, "aria-keyshortcuts": "H" });
    this.toggle.addEventListener("change", () => this.setVisible(this.toggle.checked));
    this.switch = el("label", { class: "switch" }, this.toggle, el("span", {}, strings.showExplanation), el("kbd", { "aria-hidden": true }, "H"));
  }

  /** Puts its parts where the item is shown; `figure` holds the item's picture, where it has one. */
  arrange(look: HTMLElement, _figure: HTMLElement | null): void {
    look.append(this.controls, ...this.sentences);
  }

  /** What the pointer may rest on, by name; the map lies on or beside the picture. */
  parts(): [string, HTMLElement][] {
    return [this.controls, ...this.sentences].map((element) => ["explanation", element]);
  }

  /** Says in a sentence what is shown, beneath it. */
  say(text: string): void {
    this.sentences.push(el("p", { class: "sentence" }, text));
  }

  /** The head of most explanations: what is shown, and the switch. */
  protected head(title: string): HTMLElement {
    return el("div", { class: "explanation-head" }, el("p", { class: "overlay-title" }, title), this.switch);
  }

  /** Starts counting the time in sight, once the item is on the screen. */
  begin(): void {
    this.setVisible(this.toggle.checked);
  }

  /** Acts on the inspector's keys; says whether it did. `free`: arrows mean nothing where the focus is. */
  press(event: KeyboardEvent, _free: boolean): boolean {
    if (!pressed(event, "h")) return false;
    this.toggle.checked = !this.toggle.checked;
    this.setVisible(this.toggle.checked);
    return true;
  }

  /** The time in sight does not run while the tab is hidden. */
  tabVisible(visible: boolean): void {
    if (visible && this.toggle.checked && this.opened) this.watch.start();
    else this.watch.stop();
  }

  protected abstract show(visible: boolean): void;

  private setVisible(visible: boolean): void {
    this.show(visible);
    for (const sentence of this.sentences) sentence.hidden = !visible;
    if (visible) {
      this.opened = true;
      this.watch.start();
    } else {
      this.watch.stop();
    }
    this.tools.log(visible ? "explanation_shown" : "explanation_hidden", { opacity: this.opacity });
  }
}
