/** How an answer is given: the choice, how sure one is, why it was changed, and how much is handed over. */
import type { DecisionData, DecisionStep } from "../../contract";
import { el } from "../../dom";
import type { Tools } from "../tools";
import { type AnswerField, type Choice, DELEGATE, type Marks } from "./answer";
import { ConfidenceGroup, OptionGroup } from "./choice";
import { EstimateField } from "./estimate";
import { Reason } from "./reason";
import { cost } from "./score";
import { Stepper } from "./stepper";

type Given = Pick<DecisionData, "decision" | "delegated" | "count" | "confidence" | "reason" | "changes">;

/** What has to be mended before the answer can be taken. */
export interface Lack {
  text: string;
  at: { focus(): void };
}

export class AnswerPanel {
  readonly field: AnswerField;
  readonly confidence: ConfidenceGroup | null;
  private readonly reason: Reason | null;
  private readonly stepper: Stepper | null;

  constructor(
    legend: string,
    private readonly step: DecisionStep,
    marks: Marks,
    private readonly tools: Tools,
    /** A choice, or a part of one, was made. */
    private readonly onAnswered: () => void,
  ) {
    const { scale, options } = step;
    const several = step.may_delegate && step.delegate_most > 1;
    const price = cost(step.price, tools, several);
    const delegate = step.may_delegate ? (price ? [el("span", { class: "cost" }, price)] : []) : null;
    const chosen = (choice: Choice): void => this.chosen(choice);
    this.field = scale
      ? new EstimateField(legend, scale, marks, delegate, tools, chosen)
      : new OptionGroup(legend, options, marks, delegate, tools, chosen);
    this.confidence = step.ask_confidence ? new ConfidenceGroup(tools, onAnswered) : null;
    this.reason = step.ask_reason && step.initial !== null ? new Reason(tools) : null;
    this.stepper = several ? new Stepper(tools.strings.delegateCount, step.delegate_most, tools) : null;
    if (this.stepper) this.stepper.element.hidden = true;
  }

  get elements(): HTMLElement[] {
    return [this.field, this.stepper, this.reason, this.confidence].flatMap((part) => part?.element ?? []);
  }

  get delegated(): boolean {
    return this.field.choice === DELEGATE;
  }

  /** Acts on a key; says whether it did. */
  press(event: KeyboardEvent): boolean {
    if (!this.field.press(event)) return false;
    if (this.confidence && this.confidence.value === null) this.confidence.focus();
    return true;
  }

  /** What is shown and asked follows from the choice. */
  follow(): void {
    const { choice } = this.field;
    if (this.confidence) this.confidence.element.disabled = this.delegated;
    if (this.stepper) this.stepper.element.hidden = !this.delegated;
    this.reason?.ask(choice !== null && !this.delegated && choice !== this.step.initial);
  }

  /** Takes what is half typed, and says what is missing. */
  lack(): Lack | null {
    const { strings } = this.tools;
    this.field.settle();
    const problem = this.field.problem();
    if (problem) return { text: problem, at: this.field };
    if (this.reason?.text === "") return { text: strings.reasonFirst, at: this.reason };
    if (this.confidence && this.confidence.value === null && !this.delegated) return { text: strings.chooseConfidence, at: this.confidence };
    return null;
  }

  get given(): Given {
    const { delegated } = this;
    const { choice, changes } = this.field;
    return {
      decision: typeof choice === "symbol" ? null : choice,
      delegated,
      count: delegated ? (this.stepper?.count ?? 1) : 1,
      confidence: delegated ? null : (this.confidence?.value ?? null),
      reason: this.reason?.text ?? null,
      changes,
    };
  }

  private chosen(choice: Choice): void {
    const delegated = choice === DELEGATE;
    this.onAnswered();
    this.tools.log("choice_changed", { choice: delegated ? null : choice, delegated });
  }
}
