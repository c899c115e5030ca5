import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import type { Question } from "../../contract";
import { el, freshId, showPage } from "../../dom";
import type { Tools } from "../tools";
import { type Field, fieldFor } from "./fields";

const info = {
  name: "binome-questionnaire",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    introduction: { type: ParameterType.STRING, default: "" },
    questions: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** Where the questionnaire comes from. */
    note: { type: ParameterType.STRING, default: "" },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    /** Question id to number, text or null. */
    answers: { type: ParameterType.OBJECT },
  },
} as const;

/** A questionnaire on one page; points at what is missing. */
export class QuestionnairePlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const questions = trial.questions as Question[];
    const rows = questions.map((question) => new Row(fieldFor(question, tools)));
    const summary = el("p", { class: "problem", role: "alert" });
    const submit = el("button", { type: "submit", class: "primary" }, tools.strings.continue);
    const form = el("form", { class: "questions", novalidate: true }, ...rows.map((row) => row.field.element), el("div", { class: "actions" }, summary, submit));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = rows.filter((row) => !row.check());
      if (wrong.length > 0) {
        summary.textContent = tools.strings.missing(wrong.length);
        wrong[0]?.field.focus();
        return;
      }
      const answers = Object.fromEntries(questions.map((question, index) => [question.id, rows[index]?.field.answer() ?? null]));
      this.jsPsych.finishTrial({ answers });
    });
    const introduction = trial.introduction ? el("p", { class: "lead" }, trial.introduction) : null;
    const note = trial.note ? el("p", { class: "note" }, trial.note) : null;
    showPage(display, "questionnaire", trial.title, introduction, form, note);
  }
}

/** A field with its complaint, which goes away as soon as the answer is good. */
class Row {
  private readonly problem = el("p", { class: "problem", id: freshId("problem") });

  constructor(readonly field: Field) {
    field.element.append(this.problem);
    const recheck = (): void => {
      if (this.problem.textContent) this.check();
    };
    for (const type of ["input", "change", "pointerup"]) field.element.addEventListener(type, recheck);
  }

  check(): boolean {
    const text = this.field.problem();
    this.problem.textContent = text;
    this.field.element.classList.toggle("wrong", text !== "");
    return text === "";
  }
}
