import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import type { Line, Picture } from "../../contract";
import { el, showPage } from "../../dom";
import { caseFile } from "../decision/casefile";
import type { Tools } from "../tools";

const info = {
  name: "binome-feedback",
  version: "1.0.0",
  parameters: {
    correct: { type: ParameterType.BOOL, default: undefined },
    /** Labels, in the operator's language. */
    truth: { type: ParameterType.STRING, default: undefined },
    chosen: { type: ParameterType.STRING, default: undefined },
    advice: { type: ParameterType.STRING, default: null },
    picture: { type: ParameterType.COMPLEX, default: null },
    case: { type: ParameterType.COMPLEX, array: true, default: [] },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {},
} as const;

/** Tells whether the decision was right, and what the right answer is. */
export class FeedbackPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const facts = el("dl", { class: "facts" }, ...fact(strings.theTruth, trial.truth), ...fact(strings.youChose, trial.chosen));
    if (trial.advice != null) facts.append(...fact(strings.modelSaid, trial.advice));

    const look = el("div", { class: "feedback-look" }, facts);
    const picture = trial.picture as Picture | null;
    if (picture) {
      const image = el("img", { class: "item" });
      look.prepend(el("figure", { class: "picture" }, image));
      tools.show(image, picture).catch(tools.fail);
    }
    const lines = (trial.case ?? []) as Line[];
    if (lines.length > 0) look.append(caseFile(lines, tools).element);
    const next = el("button", { type: "button", class: "primary" }, strings.continue);
    next.addEventListener("click", () => this.jsPsych.finishTrial({}));
    const page = showPage(display, "feedback", trial.correct ? strings.correct : strings.wrong, look, el("div", { class: "actions" }, next));
    page.classList.add(trial.correct ? "correct" : "wrong");
  }
}

function fact(name: string, value: string): [HTMLElement, HTMLElement] {
  return [el("dt", {}, name), el("dd", {}, value)];
}
