import type { Question } from "../../contract";
import type { Answer, Answers } from "./field";

/** The questions that are asked, given the answers so far: a question that is not asked has no answer for others. */
export function asked(questions: readonly Question[], answersOf: (question: Question) => Answers): Set<string> {
  const shown = new Set<string>();
  const answers: Answers = {};
  for (const question of questions) {
    if (!Object.entries(question.show_if ?? {}).every(([id, values]) => matches(answers[id] ?? null, values))) continue;
    shown.add(question.id);
    Object.assign(answers, answersOf(question));
  }
  return shown;
}

function matches(answer: Answer, values: readonly (string | number)[]): boolean {
  return Array.isArray(answer) ? answer.some((one) => values.includes(one)) : answer !== null && values.includes(answer);
}
