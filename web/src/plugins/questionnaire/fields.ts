/** One form field for each kind of question; each says what was answered, and nothing is preset. */
import type { Question } from "../../contract";
import { el, freshId } from "../../dom";
import { number, readNumber } from "../../format";
import type { Tools } from "../tools";

export type Answer = number | string | null;

export interface Field {
  element: HTMLElement;
  /** Null while unanswered. */
  answer(): Answer;
  /** Why the answer cannot be taken, or an empty string. */
  problem(): string;
  focus(): void;
}

export function fieldFor(question: Question, tools: Tools): Field {
  switch (question.kind) {
    case "slider":
      return sliderField(question, tools);
    case "likert":
      return radioField(question, tools, likertPoints(question), "likert");
    case "choice":
      return radioField(question, tools, (question.options ?? []).map(({ id, label }) => ({ value: id, label })), "list");
    case "text":
    case "number":
      return inputField(question, tools);
  }
}

interface Point {
  value: number | string;
  label: string;
}

/** The points from `low` upward, one a label; without labels, every step of the scale. */
function likertPoints({ labels = [], low, high, step }: Question): Point[] {
  const count = labels.length > 0 ? labels.length : Math.floor((high - low) / step) + 1;
  return Array.from({ length: count }, (_, index) => ({ value: low + index * step, label: labels[index] ?? String(low + index * step) }));
}

function radioField(question: Question, tools: Tools, points: Point[], layout: "likert" | "list"): Field {
  const name = freshId(question.id);
  const inputs = points.map(() => el("input", { type: "radio", name }));
  const labels = points.map((point, index) => el("label", { class: "point" }, inputs[index], el("span", {}, point.label)));
  const element = fieldset(question, tools, el("div", { class: layout }, ...labels));
  element.style.setProperty("--points", String(points.length));
  const answer = (): Answer => points[inputs.findIndex((input) => input.checked)]?.value ?? null;
  return { element, answer, problem: () => missing(question, answer(), tools), focus: () => inputs[0]?.focus() };
}

function sliderField(question: Question, tools: Tools): Field {
  const { low, high, step, labels = [] } = question;
  const id = freshId(question.id);
  const middle = low + Math.round((high - low) / step / 2) * step;
  const input = el("input", { id, type: "range", class: "unset", min: low, max: high, step, value: middle, "aria-valuetext": tools.strings.notAnswered });
  const output = el("output", { for: id }, "–");
  let touched = false;
  const take = (): void => {
    touched = true;
    input.classList.remove("unset");
    output.textContent = number(Number(input.value), tools.language);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", take);
  // The middle is an answer too, though choosing it moves nothing.
  input.addEventListener("pointerup", take);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    take();
  });
  const ends = el("div", { class: "ends", "aria-hidden": true }, el("span", {}, labels[0] ?? ""), el("span", {}, labels.at(-1) ?? ""));
  const element = fieldset(question, tools, el("div", { class: "slider" }, input, output), ends);
  const between = labels.length > 1 ? ` (${labels[0]} – ${labels.at(-1)})` : "";
  input.setAttribute("aria-label", question.text + between);
  const answer = (): Answer => (touched ? Number(input.value) : null);
  return { element, answer, problem: () => missing(question, answer(), tools), focus: () => input.focus() };
}

function inputField(question: Question, tools: Tools): Field {
  const numeric = question.kind === "number";
  const input = el("input", { type: "text", inputmode: numeric ? "decimal" : null, maxlength: 2000, autocomplete: "off", "aria-label": question.text });
  if (numeric) input.classList.add("numeric");
  const element = fieldset(question, tools, input);
  const answer = (): Answer => {
    const text = input.value.trim();
    return text === "" ? null : numeric ? readNumber(text, tools.language) : text;
  };
  const problem = (): string => {
    const value = answer();
    if (typeof value !== "number" || (value >= question.low && value <= question.high)) return missing(question, value, tools);
    return tools.strings.notNumber(number(question.low, tools.language), number(question.high, tools.language));
  };
  return { element, answer, problem, focus: () => input.focus() };
}

function missing(question: Question, answer: Answer, tools: Tools): string {
  return question.required && answer === null ? tools.strings.missingOne : "";
}

function fieldset(question: Question, { strings }: Tools, ...children: Node[]): HTMLElement {
  const mark = question.required ? el("span", { class: "required", title: strings.required }, "\u00a0*") : null;
  const help = question.help ? el("p", { class: "help", id: freshId("help") }, question.help) : null;
  return el("fieldset", { class: `field field-${question.kind}`, "aria-describedby": help?.id }, el("legend", {}, question.text, mark), help, ...children);
}
