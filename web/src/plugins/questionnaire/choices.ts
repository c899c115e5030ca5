/** Questions answered by choosing: a scale's points, one option, several options. */
import type { Question } from "../../contract";
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";
import { type Field, fieldset, pointsOf, single } from "./field";

interface Choosable {
  value: number | string;
  label: string;
  end: string;
}

export function likertField(question: Question, tools: Tools): Field {
  return radioField(question, tools, pointsOf(question), "likert");
}

export function choiceField(question: Question, tools: Tools): Field {
  const options = (question.options ?? []).map(({ id, label }) => ({ value: id, label, end: "" }));
  return question.many ? checkField(question, tools, options) : radioField(question, tools, options, "list");
}

function radioField(question: Question, tools: Tools, choosables: Choosable[], layout: "likert" | "list"): Field {
  const name = freshId(question.id);
  const inputs = choosables.map(() => el("input", { type: "radio", name }));
  const labels = choosables.map((one, index) => labelOf(inputs[index] as HTMLElement, one));
  const element = fieldset(question, tools, null, el("div", { class: layout }, ...labels));
  element.style.setProperty("--points", String(choosables.length));
  const answer = (): string | number | null => choosables[inputs.findIndex((input) => input.checked)]?.value ?? null;
  return single(question, tools, element, () => inputs[0]?.focus(), answer);
}

function checkField(question: Question, tools: Tools, options: Choosable[]): Field {
  const inputs = options.map(() => el("input", { type: "checkbox" }));
  const labels = options.map((one, index) => labelOf(inputs[index] as HTMLElement, one));
  const element = fieldset(question, tools, tools.strings.chooseMany, el("div", { class: "list" }, ...labels));
  const answer = (): string[] | null => {
    const chosen = options.filter((_, index) => inputs[index]?.checked).map(({ value }) => String(value));
    return chosen.length > 0 ? chosen : null;
  };
  return single(question, tools, element, () => inputs[0]?.focus(), answer);
}

function labelOf(input: HTMLElement, { label, end }: Choosable): HTMLElement {
  return el("label", { class: "point" }, input, el("span", {}, label, end && el("span", { class: "end" }, ` ${end}`)));
}
