import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { el, showPage } from "../../dom";
import { prose } from "../../prose";
import type { Tools } from "../tools";

const info = {
  name: "binome-consent",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    /** What is agreed to, as blocks of text. */
    blocks: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** Names the text, so that the data say what was agreed to. */
    version: { type: ParameterType.STRING, default: undefined },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    accepted: { type: ParameterType.BOOL },
    version: { type: ParameterType.STRING },
  },
} as const;

/** Shows the consent text with two equal answers. */
export class ConsentPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const accept = el("button", { type: "button", class: "primary" }, strings.accept);
    const decline = el("button", { type: "button" }, strings.decline);
    showPage(display, "consent", trial.title, prose(trial.blocks, tools), el("div", { class: "actions" }, accept, decline));
    accept.addEventListener("click", () => this.jsPsych.finishTrial({ accepted: true, version: trial.version }));
    decline.addEventListener("click", () => this.jsPsych.finishTrial({ accepted: false, version: trial.version }));
  }
}
