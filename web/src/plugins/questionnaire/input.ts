/** Questions answered by typing: some words, or a number. */
import type { Question } from "../../contract";
import { el } from "../../dom";
import { number, readNumber } from "../../format";
import type { Tools } from "../tools";
import { type Answer, type Field, fieldset, missing } from "./field";

const LONGEST = 2000;

export function textField(question: Question, tools: Tools): Field {
  const input = el("textarea", { rows: 2, maxlength: LONGEST, "aria-label": question.text });
  const answer = (): Answer => input.value.trim() || null;
  return typed(question, tools, input, answer, () => missing(question, answer(), tools));
}

export function numberField(question: Question, tools: Tools): Field {
  const input = el("input", { type: "text", inputmode: "decimal", maxlength: 40, autocomplete: "off", class: "numeric", "aria-label": question.text });
  const answer = (): Answer => (input.value.trim() === "" ? null : readNumber(input.value, tools.language));
  const problem = (): string => {
    const value = answer();
    if (typeof value !== "number" || (value >= question.low && value <= question.high)) return missing(question, value, tools);
    return tools.strings.notNumber(number(question.low, tools.language), number(question.high, tools.language));
  };
  return typed(question, tools, input, answer, problem);
}

function typed(question: Question, tools: Tools, input: HTMLElement, answer: () => Answer, problem: () => string): Field {
  if (question.required) input.setAttribute("aria-required", "true");
  const element = fieldset(question, tools, null, input);
  return { element, answers: () => ({ [question.id]: answer() }), problem, focus: () => input.focus() };
}
