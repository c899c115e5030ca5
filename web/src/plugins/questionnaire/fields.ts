/** One form field for each kind of question; each says what was answered, and nothing is preset. */
import type { Question } from "../../contract";
import type { Tools } from "../tools";
import { choiceField, likertField } from "./choices";
import type { Field } from "./field";
import { numberField, textField } from "./input";
import { matrixField } from "./matrix";
import { sliderField } from "./slider";

const FIELDS: Record<Question["kind"], (question: Question, tools: Tools) => Field> = {
  slider: sliderField,
  likert: likertField,
  choice: choiceField,
  matrix: matrixField,
  text: textField,
  number: numberField,
};

export function fieldFor(question: Question, tools: Tools): Field {
  return FIELDS[question.kind](question, tools);
}
