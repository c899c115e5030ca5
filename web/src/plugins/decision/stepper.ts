/** A small whole number, by buttons, arrows or digits. */
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";

export class Stepper {
  readonly element: HTMLElement;
  /** Where more can be said of the number. */
  readonly row: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly fewer: HTMLButtonElement;
  private readonly more: HTMLButtonElement;

  /** From 1 to `most`, 1 at first. */
  constructor(
    label: string,
    private readonly most: number,
    { strings }: Tools,
    private readonly onChange: (count: number) => void = () => undefined,
  ) {
    const id = freshId("count");
    this.field = el("input", { id, type: "number", class: "count", min: 1, max: most, step: 1, value: 1, inputmode: "numeric", autocomplete: "off" });
    this.fewer = this.button("−", strings.fewer, -1);
    this.more = this.button("+", strings.more, 1);
    // While a number is typed it may be nothing, or too much; leaving the field sets it right.
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("change", () => this.set(this.count));
    this.row = el("div", { class: "stepper-row" }, this.fewer, this.field, this.more);
    this.element = el("div", { class: "stepper" }, el("label", { for: id }, label), this.row);
    this.changed();
  }

  get count(): number {
    return Math.min(this.most, Math.max(1, Math.round(Number(this.field.value)) || 1));
  }

  private set(count: number): void {
    this.field.value = String(count);
    this.changed();
  }

  private changed(): void {
    const { count } = this;
    // Not `disabled`: a button that goes out under the finger takes the focus with it.
    this.fewer.setAttribute("aria-disabled", String(count <= 1));
    this.more.setAttribute("aria-disabled", String(count >= this.most));
    this.onChange(count);
  }

  private button(sign: string, name: string, by: number): HTMLButtonElement {
    const button = el("button", { type: "button", class: "step-button", "aria-label": name }, sign);
    button.addEventListener("click", () => this.set(Math.min(this.most, Math.max(1, this.count + by))));
    return button;
  }
}
