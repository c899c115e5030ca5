/** One decision, or one page of it: what the operator may do on it depends on its stage. */
import type { JsPsych, JsPsychPlugin, TrialType } from "jspsych";
import type { DecisionStep } from "../../contract";
import type { Tools } from "../tools";
import { AnswerScreen } from "./answering";
import { info } from "./info";
import type { Shown } from "./screen";
import { SupervisedScreen } from "./supervised";
import { HandledScreen, WaitScreen } from "./watching";

const SCREENS = {
  initial: AnswerScreen,
  final: AnswerScreen,
  single: AnswerScreen,
  open: AnswerScreen,
  wait: WaitScreen,
  supervised: SupervisedScreen,
  handled: HandledScreen,
};

export class DecisionPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  async trial(display: HTMLElement, trial: TrialType<typeof info>, onLoad: () => void = () => undefined): Promise<void> {
    const step = trial as unknown as DecisionStep;
    const shown: Shown = { display, step, tools: trial.tools() as Tools, done: (data) => this.jsPsych.finishTrial(data) };
    try {
      await new SCREENS[step.stage](shown).appear();
    } catch (error) {
      shown.tools.fail(error);
    }
    onLoad();
    await new Promise(() => undefined); // `finishTrial` ends the trial
  }
}
