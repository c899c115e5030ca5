/** A number as the answer: a field and a slider that move together; nothing is preset. */
import type { Scale } from "../../contract";
import { el, freshId } from "../../dom";
import { number, readNumber, typedNumber } from "../../format";
import type { Tools } from "../tools";
import { type AnswerField, type Choice, DELEGATE, type Marks } from "./answer";

export class EstimateField implements AnswerField {
  readonly element: HTMLElement;
  choice: Choice | null = null;
  changes = 0;
  private readonly field: HTMLInputElement;
  private readonly slider: HTMLInputElement;
  private readonly hint: HTMLElement;
  private readonly delegate: HTMLInputElement | null;
  /** The last choice that was made whole: digits on the way to a number are no change of mind. */
  private settled: Choice | null = null;

  constructor(
    legend: string,
    private readonly scale: Scale,
    marks: Marks,
    delegate: HTMLElement[] | null,
    private readonly tools: Tools,
    private readonly onChange: (choice: Choice) => void,
  ) {
    const { strings, language } = tools;
    const { low, high, step, unit } = scale;
    const ends = [low, high].map((value) => withUnit(number(value, language), unit));
    const name = `${legend} (${ends[0]} – ${ends[1]})`;
    this.field = el("input", { id: freshId("estimate"), type: "text", inputmode: "decimal", class: "numeric", autocomplete: "off", maxlength: 12, "aria-label": name });
    this.hint = el("span", { class: "estimate-hint", "aria-hidden": true }, strings.orTouchLine);
    const middle = low + Math.round((high - low) / step / 2) * step;
    this.slider = el("input", { type: "range", class: "unset", min: low, max: high, step, value: middle, "aria-label": name, "aria-valuetext": strings.notAnswered });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("change", () => this.settle());
    this.field.addEventListener("keydown", (event) => this.arrow(event));
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.slider.addEventListener("change", () => this.settle());
    this.slider.addEventListener("keydown", (event) => this.take(event));
    // The middle is an answer too, though choosing it moves nothing.
    this.slider.addEventListener("pointerup", () => {
      this.show(Number(this.slider.value));
      this.settle();
    });
    this.delegate = delegate ? el("input", { type: "checkbox" }) : null;
    this.delegate?.addEventListener("input", () => this.handOver());
    const line = el(
      "div",
      { class: "estimate-line" },
      this.mark(marks.initial, strings.you, "you"),
      this.slider,
      this.mark(marks.advice, strings.model, "model"),
      el("div", { class: "ends", "aria-hidden": true }, ...ends.map((end) => el("span", {}, end))),
    );
    this.element = el(
      "fieldset",
      { class: "choice estimate" },
      el("legend", {}, legend),
      el("div", { class: "estimate-field" }, this.field, unit ? el("span", { "aria-hidden": true }, unit) : null, this.hint),
      line,
      this.delegate && el("label", { class: "option delegate" }, this.delegate, el("span", { class: "label" }, strings.delegate), ...(delegate ?? [])),
    );
  }

  press(event: KeyboardEvent): boolean {
    // The digit itself is typed where the focus then is.
    if (/^[-0-9]$/.test(event.key) && document.activeElement !== this.field) this.focus();
    return false;
  }

  choose(choice: Choice): void {
    if (typeof choice !== "number") return;
    this.show(choice);
    this.settle();
    this.focus();
  }

  /** All is selected: what is typed next is another number, not the end of this one. */
  focus(): void {
    this.field.focus();
    this.field.select();
  }

  settle(): void {
    const off = this.choice === null && this.field.value.trim() !== "";
    this.field.setAttribute("aria-invalid", String(off));
    if (this.choice === null || this.choice === this.settled) return;
    if (this.settled !== null) this.changes += 1;
    this.settled = this.choice;
    this.onChange(this.choice);
  }

  problem(): string {
    const { strings, language } = this.tools;
    if (this.choice === DELEGATE) return "";
    if (this.field.value.trim() === "") return strings.estimateFirst;
    if (this.value() === null) return strings.notNumber(number(this.scale.low, language), number(this.scale.high, language));
    return "";
  }

  /** The number typed, if it is one and on the scale. */
  private value(): number | null {
    const value = readNumber(this.field.value, this.tools.language);
    return value >= this.scale.low && value <= this.scale.high ? value : null;
  }

  private typed(): void {
    this.move(this.value());
    this.follow();
  }

  private show(value: number): void {
    this.field.value = typedNumber(value, this.tools.language);
    this.move(value);
    this.follow();
  }

  /** A slider without a number on its scale shows none. */
  private move(value: number | null): void {
    const { strings, language } = this.tools;
    if (value !== null) this.slider.value = String(value);
    this.slider.classList.toggle("unset", value === null);
    this.hint.classList.toggle("done", value !== null);
    this.slider.setAttribute("aria-valuetext", value === null ? strings.notAnswered : withUnit(number(value, language), this.scale.unit));
  }

  private arrow(event: KeyboardEvent): void {
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (way === 0) return;
    event.preventDefault();
    const { low, high, step } = this.scale;
    const from = this.value() ?? Number(this.slider.value);
    const next = Math.min(high, Math.max(low, from + way * step));
    this.show(Number(next.toFixed(9)));
    this.settle();
  }

  /** The slider in its middle, too, can be taken with a key. */
  private take(event: KeyboardEvent): void {
    if (event.key !== " ") return;
    event.preventDefault();
    this.show(Number(this.slider.value));
    this.settle();
  }

  /** The number that stands there is the choice; the model is not asked to decide any more. */
  private follow(): void {
    if (this.delegate) this.delegate.checked = false;
    this.choice = this.value();
    this.field.removeAttribute("aria-invalid");
  }

  private handOver(): void {
    if (!this.delegate?.checked) {
      this.follow();
      this.settle();
      return;
    }
    this.choice = DELEGATE;
    this.settle();
  }

  /** Where the first answer or the advice lies on the scale. */
  private mark(value: Marks["initial"], label: string, kind: "you" | "model"): HTMLElement | null {
    if (typeof value !== "number") return null;
    const share = (value - this.scale.low) / (this.scale.high - this.scale.low);
    const mark = el("span", { class: `mark badge ${kind}` }, `${label} ${number(value, this.tools.language)}`);
    mark.style.setProperty("--at", String(Math.min(1, Math.max(0, share))));
    return el("div", { class: "marks", "aria-hidden": true }, mark);
  }
}

export function withUnit(value: string, unit: string): string {
  return unit ? `${value}\u00a0${unit}` : value;
}
