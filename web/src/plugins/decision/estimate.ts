/** A number as the answer: a field and a slider that move together; nothing is preset. */
import type { Scale } from "../../contract";
import { el, freshId } from "../../dom";
import { number } from "../../format";
import type { Tools } from "../tools";
import { type AnswerField, type Choice, DELEGATE, type Marks } from "./answer";

export class EstimateField implements AnswerField {
  readonly element: HTMLElement;
  choice: Choice | null = null;
  changes = 0;
  private readonly field: HTMLInputElement;
  private readonly slider: HTMLInputElement;
  private readonly delegate: HTMLInputElement | null;

  constructor(
    legend: string,
    private readonly scale: Scale,
    marks: Marks,
    mayDelegate: boolean,
    private readonly tools: Tools,
    private readonly onChange: (choice: Choice) => void,
  ) {
    const { strings, language } = tools;
    const { low, high, step, unit } = scale;
    const ends = [low, high].map((value) => withUnit(number(value, language), unit));
    const name = `${legend} (${ends[0]} – ${ends[1]})`;
    this.field = el("input", { id: freshId("estimate"), type: "text", inputmode: "decimal", class: "numeric", autocomplete: "off", maxlength: 12, "aria-label": name });
    const middle = low + Math.round((high - low) / step / 2) * step;
    this.slider = el("input", { type: "range", class: "unset", min: low, max: high, step, value: middle, "aria-label": name, "aria-valuetext": strings.notAnswered });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("change", () => this.settle());
    this.field.addEventListener("keydown", (event) => this.arrow(event));
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.settle());
    // The middle is an answer too, though choosing it moves nothing.
    this.slider.addEventListener("pointerup", () => {
      this.show(Number(this.slider.value));
      this.settle();
    });
    this.delegate = mayDelegate ? el("input", { type: "checkbox" }) : null;
    this.delegate?.addEventListener("change", () => this.handOver());
    const line = el("div", { class: "estimate-line" }, this.slider, this.marks(marks), el("div", { class: "ends", "aria-hidden": true }, ...ends.map((end) => el("span", {}, end))));
    this.element = el(
      "fieldset",
      { class: "choice estimate" },
      el("legend", {}, legend),
      el("div", { class: "estimate-row" }, el("div", { class: "estimate-field" }, this.field, unit ? el("span", { "aria-hidden": true }, unit) : null), line),
      this.delegate && el("label", { class: "option delegate" }, this.delegate, el("span", { class: "label" }, strings.delegate)),
    );
  }

  press(event: KeyboardEvent): boolean {
    // The digit itself is typed where the focus then is.
    if (/^[0-9]$/.test(event.key) && document.activeElement !== this.field) this.field.focus();
    return false;
  }

  choose(choice: Choice): void {
    if (typeof choice !== "number") return;
    this.show(choice);
    this.settle();
    this.focus();
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  problem(): string {
    const { strings, language } = this.tools;
    if (this.choice === DELEGATE) return "";
    const value = this.value();
    if (this.field.value.trim() === "") return strings.estimateFirst;
    if (value === null) return strings.notNumber(number(this.scale.low, language), number(this.scale.high, language));
    return "";
  }

  /** The number typed, if it is one and on the scale. */
  private value(): number | null {
    const text = this.field.value.replace(/[\s\u00a0\u202f]/g, "").replace("−", "-").replace(",", ".");
    const value = text === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) && value >= this.scale.low && value <= this.scale.high ? value : null;
  }

  private typed(): void {
    const value = this.value();
    if (value !== null) this.move(value);
    this.settle(false);
  }

  private show(value: number): void {
    this.field.value = number(value, this.tools.language);
    this.move(value);
  }

  private move(value: number): void {
    this.slider.value = String(value);
    this.slider.classList.remove("unset");
    this.slider.setAttribute("aria-valuetext", withUnit(number(value, this.tools.language), this.scale.unit));
  }

  private arrow(event: KeyboardEvent): void {
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (way === 0) return;
    event.preventDefault();
    const { low, high, step } = this.scale;
    const from = this.value() ?? Number(this.slider.value);
    const next = Math.min(high, Math.max(low, from + way * step));
    this.show(Number(next.toFixed(6)));
    this.settle();
  }

  /** Takes the number as the choice; `counted`: as a change of mind, which typing its digits is not. */
  private settle(counted = true): void {
    if (this.delegate) this.delegate.checked = false;
    const before = this.settled;
    this.choice = this.value();
    if (!counted || this.choice === null || this.choice === before) return;
    if (before !== null) this.changes += 1;
    this.settled = this.choice;
    this.onChange(this.choice);
  }

  private settled: Choice | null = null;

  private handOver(): void {
    if (!this.delegate?.checked) {
      this.settle();
      return;
    }
    if (this.settled !== null) this.changes += 1;
    this.choice = this.settled = DELEGATE;
    this.onChange(DELEGATE);
  }

  /** Where the first answer and the advice lie on the scale. */
  private marks({ initial, advice }: Marks): HTMLElement | null {
    const { strings, language } = this.tools;
    const found = ([[initial, strings.you, "you"], [advice, strings.model, "model"]] as const).filter(([value]) => typeof value === "number");
    if (found.length === 0) return null;
    const row = el("div", { class: "marks", "aria-hidden": true });
    for (const [value, label, kind] of found) {
      const share = (Number(value) - this.scale.low) / (this.scale.high - this.scale.low);
      const mark = el("span", { class: `mark badge ${kind}` }, `${label} ${number(Number(value), language)}`);
      mark.style.setProperty("--at", String(Math.min(1, Math.max(0, share))));
      row.append(mark);
    }
    return row;
  }
}

export function withUnit(value: string, unit: string): string {
  return unit ? `${value}\u00a0${unit}` : value;
}
