/** What every kind of question has in common. */
import type { Question } from "../../contract";
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";

export type Answer = number | string | string[] | null;
export type Answers = Record<string, Answer>;

export interface Field {
  element: HTMLElement;
  /** Under the question's id, or under the rows' ids; null while unanswered. */
  answers(): Answers;
  /** Why the answers cannot be taken, or an empty string. */
  problem(): string;
  /** Takes the focus to what is to be answered. */
  focus(): void;
}

/** A field of one answer. */
export function single(question: Question, tools: Tools, element: HTMLElement, focus: () => void, answer: () => Answer): Field {
  return { element, focus, answers: () => ({ [question.id]: answer() }), problem: () => missing(question, answer(), tools) };
}

export function missing(question: Question, answer: Answer, { strings }: Tools): string {
  return question.required && answer === null ? strings.missingOne : "";
}

/** The question as its group's name, its star and its help. */
export function fieldset(question: Question, { strings }: Tools, hint: string | null, ...children: Node[]): HTMLElement {
  const mark = question.required ? [el("span", { class: "required", "aria-hidden": true }, "\u00a0*"), el("span", { class: "visually-hidden" }, ` (${strings.required})`)] : [];
  const help = [question.help, hint].filter(Boolean).map((text) => el("p", { class: "help", id: freshId("help") }, text));
  const described = help.map(({ id }) => id).join(" ") || null;
  return el("fieldset", { class: `field field-${question.kind}`, "aria-describedby": described }, el("legend", {}, question.text, ...mark), ...help, ...children);
}

export interface Point {
  value: number | string;
  label: string;
  /** What the end of the scale means, where only the ends have words. */
  end: string;
}

/** The points of a scale from `low` upward: a label each, or numbers with words at the two ends; then its options. */
export function pointsOf({ labels = [], options = [], low, high, step }: Question): Point[] {
  const count = Math.floor((high - low) / step + 1e-9) + 1;
  const named = labels.length === count;
  const points = Array.from({ length: count }, (_, index) => {
    const value = low + index * step;
    const end = named ? "" : index === 0 ? (labels[0] ?? "") : index === count - 1 ? (labels.at(-1) ?? "") : "";
    return { value, label: named ? (labels[index] as string) : String(value), end };
  });
  return [...points, ...options.map(({ id, label }) => ({ value: id, label, end: "" }))];
}
