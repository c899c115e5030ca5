import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { Countdown } from "../../clock";
import { el, showPage } from "../../dom";
import { clockTime } from "../../format";
import { prose } from "../../prose";
import type { Tools } from "../tools";

const info = {
  name: "binome-break",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    blocks: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** Least length of the rest. */
    seconds: { type: ParameterType.FLOAT, default: 0 },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {},
} as const;

/** A rest: counts down, then lets the operator go on when they like. */
export class BreakPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const clock = el("p", { class: "clock", role: "timer", "aria-label": strings.breakLeft });
    const said = el("p", { class: "clock-said", role: "status" }, strings.breakLeft);
    const next = el("button", { type: "button", class: "primary", disabled: true }, strings.continue);
    next.addEventListener("click", () => this.jsPsych.finishTrial({}));
    const over = (): void => {
      clock.hidden = true;
      said.textContent = strings.breakOver;
      next.disabled = false;
    };
    const tick = (left: number): void => {
      const text = clockTime(Math.ceil(left));
      if (clock.textContent !== text) clock.textContent = text;
    };
    showPage(display, "break", trial.title, prose(trial.blocks, tools), el("div", { class: "resting" }, clock, said), el("div", { class: "actions" }, next));
    if (trial.seconds) new Countdown(trial.seconds, tick, over).start();
    else over();
  }
}
