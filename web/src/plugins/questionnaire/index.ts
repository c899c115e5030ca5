import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import type { Question } from "../../contract";
import { el, freshId, showPage } from "../../dom";
import type { Tools } from "../tools";
import { asked } from "./branching";
import type { Field } from "./field";
import { fieldFor } from "./fields";

const info = {
  name: "binome-questionnaire",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    introduction: { type: ParameterType.STRING, default: "" },
    questions: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** Where the questionnaire comes from. */
    note: { type: ParameterType.STRING, default: "" },
    /** What to say of an earlier attempt that failed. */
    retry: { type: ParameterType.STRING, default: "" },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    /** By question or row, of what was asked: number, text, list of options or null. */
    answers: { type: ParameterType.OBJECT },
  },
} as const;

/** A questionnaire on one page: questions appear as answers ask for them; what is missing is pointed at. */
export class QuestionnairePlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const questions = trial.questions as Question[];
    const entries = questions.map((question) => new Entry(question, fieldFor(question, tools)));
    const summary = el("p", { class: "problem", role: "alert" });
    const added = el("p", { class: "visually-hidden", role: "status" });
    const submit = el("button", { type: "submit", class: "primary" }, strings.continue);
    const form = el("form", { class: "questions", novalidate: true }, ...entries.map((entry) => entry.field.element), added, el("div", { class: "actions" }, summary, submit));
    const branch = (): boolean => {
      const shown = asked(questions, (question) => entries[questions.indexOf(question)]?.field.answers() ?? {});
      return entries.filter((entry) => entry.show(shown.has(entry.question.id))).length > 0;
    };
    const summarise = (wrong: number): void => {
      const text = wrong === 0 ? "" : strings.missing(wrong);
      if (summary.textContent !== text) summary.textContent = text;
    };
    branch();
    for (const type of ["input", "change", "pointerup"]) {
      form.addEventListener(type, () => {
        if (branch()) added.textContent = strings.questionAdded;
        if (summary.textContent) summarise(entries.filter((entry) => entry.shown && entry.field.problem() !== "").length);
      });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const asking = entries.filter((entry) => entry.shown);
      const wrong = asking.filter((entry) => !entry.check());
      if (wrong.length > 0) {
        summarise(wrong.length);
        wrong[0]?.field.focus();
        return;
      }
      this.jsPsych.finishTrial({ answers: Object.assign({}, ...asking.map((entry) => entry.field.answers())) });
    });
    const retry = trial.retry ? el("p", { class: "retry", tabindex: -1 }, trial.retry) : null;
    const introduction = trial.introduction ? el("p", { class: "lead" }, trial.introduction) : null;
    const key = questions.some((question) => question.required) && questions.some((question) => !question.required) ? el("p", { class: "help" }, strings.requiredKey) : null;
    const note = trial.note ? el("p", { class: "note" }, trial.note) : null;
    showPage(display, "questionnaire", trial.title, retry, introduction, key, form, note);
    retry?.focus({ preventScroll: true });
  }
}

/** A field with its complaint, which goes away as soon as the answer is good. */
class Entry {
  private readonly problem = el("p", { class: "problem", id: freshId("problem") });
  shown = true;

  constructor(
    readonly question: Question,
    readonly field: Field,
  ) {
    field.element.append(this.problem);
    const recheck = (): void => {
      if (this.problem.textContent) this.check();
    };
    for (const type of ["input", "change", "pointerup"]) field.element.addEventListener(type, recheck);
  }

  /** Shows or hides the question; true when it has just appeared. */
  show(shown: boolean): boolean {
    const appeared = shown && !this.shown;
    this.shown = shown;
    this.field.element.hidden = !shown;
    return appeared;
  }

  check(): boolean {
    const text = this.field.problem();
    const described = (this.field.element.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== this.problem.id);
    this.problem.textContent = text;
    this.field.element.classList.toggle("wrong", text !== "");
    if (text) described.push(this.problem.id);
    if (described.length > 0) this.field.element.setAttribute("aria-describedby", described.join(" "));
    else this.field.element.removeAttribute("aria-describedby");
    return text === "";
  }
}
