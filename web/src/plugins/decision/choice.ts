/** The possible answers and the confidence, as native radio groups that nothing presets. */
import type { Option } from "../../contract";
import { el, freshId } from "../../dom";
import { percent } from "../../format";
import { pressed } from "../../keys";
import type { Tools } from "../tools";
import { type AnswerField, type Choice, DELEGATE, type Marks } from "./answer";

export class OptionGroup implements AnswerField {
  readonly element: HTMLElement;
  choice: Choice | null = null;
  changes = 0;
  private readonly inputs = new Map<Choice, HTMLInputElement>();

  constructor(
    legend: string,
    private readonly options: readonly Option[],
    marks: Marks,
    /** What stands beside handing over; null where that is not possible. */
    delegate: HTMLElement[] | null,
    private readonly tools: Tools,
    private readonly onChange: (choice: Choice) => void,
  ) {
    const name = freshId("option");
    const grid = el("div", { class: "options" });
    // Two or three answers have the room of a line each, beside their marks.
    const long = Math.max(...options.map((option) => option.label.length)) > (options.length < 4 ? 12 : 24);
    grid.classList.toggle("wide", long);
    grid.classList.toggle("few", options.length < 4);
    for (const option of options) grid.append(this.option(name, option.id, option.label, option.key, badges(option.id, marks, tools)));
    if (delegate) grid.append(this.option(name, DELEGATE, tools.strings.delegate, "", delegate));
    this.element = el("fieldset", { class: "choice" }, el("legend", {}, legend), grid);
  }

  /** Chooses by key; says whether the key was one of the options'. */
  press(event: KeyboardEvent): boolean {
    const option = this.options.find(({ key }) => key && pressed(event, key));
    if (option) this.choose(option.id);
    return option !== undefined;
  }

  choose(choice: Choice): void {
    const input = this.inputs.get(choice);
    if (!input) return;
    input.checked = true;
    input.focus({ preventScroll: true });
    this.changed(choice);
  }

  focus(): void {
    this.inputs.values().next().value?.focus();
  }

  settle(): void {
    // A radio button is chosen or not: there is nothing half typed.
  }

  problem(): string {
    return this.choice === null ? this.tools.strings.chooseFirst : "";
  }

  private changed(choice: Choice): void {
    if (this.choice === choice) return;
    if (this.choice !== null) this.changes += 1;
    this.choice = choice;
    this.onChange(choice);
  }

  private option(name: string, choice: Choice, label: string, key: string, extra: HTMLElement[]): HTMLElement {
    const input = el("input", { type: "radio", name, value: choice === DELEGATE ? "" : String(choice), "aria-keyshortcuts": key || null });
    input.addEventListener("change", () => this.changed(choice));
    this.inputs.set(choice, input);
    const hint = key ? el("kbd", { "aria-hidden": true }, key.toUpperCase()) : null;
    const classes = choice === DELEGATE ? "option delegate" : "option";
    return el("label", { class: classes }, input, hint, el("span", { class: "label" }, label), ...extra);
  }
}

function badges(id: string, marks: Marks, { strings }: Tools): HTMLElement[] {
  const found: HTMLElement[] = [];
  if (marks.initial === id) found.push(el("span", { class: "badge you" }, strings.you));
  if (marks.advice === id) found.push(el("span", { class: "badge model" }, strings.model));
  return found;
}

const STEPS = [0, 0.25, 0.5, 0.75, 1];

export class ConfidenceGroup {
  readonly element: HTMLFieldSetElement;
  value: number | null = null;
  private readonly inputs: HTMLInputElement[] = [];

  constructor(tools: Tools, onChange: () => void) {
    const { strings, language } = tools;
    const name = freshId("confidence");
    const ends = [strings.notSure, ...STEPS.slice(2).map(() => ""), strings.certain];
    const steps = STEPS.map((value, position) => {
      const input = el("input", { type: "radio", name, value });
      input.addEventListener("change", () => {
        this.value = value;
        onChange();
      });
      this.inputs.push(input);
      const end = ends[position];
      return el("label", { class: "step" }, input, el("span", { class: "label" }, percent(value, language)), end ? el("small", {}, end) : null);
    });
    this.element = el("fieldset", { class: "confidence" }, el("legend", {}, strings.confidenceQuestion), el("div", { class: "steps" }, ...steps));
  }

  focus(): void {
    (this.inputs.find((input) => input.checked) ?? this.inputs[0])?.focus({ preventScroll: true });
  }
}
