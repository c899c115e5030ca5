import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { copyButton } from "../../copy";
import { el, showPage } from "../../dom";
import { prose } from "../../prose";
import type { Tools } from "../tools";
import { type Found, found, needs } from "./checks";

const info = {
  name: "binome-device",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    blocks: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** Least size of the window, in CSS pixels. */
    width: { type: ParameterType.INT, default: undefined },
    height: { type: ParameterType.INT, default: undefined },
    /** Whether a physical keyboard is needed. */
    keyboard: { type: ParameterType.BOOL, default: false },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    width: { type: ParameterType.INT },
    height: { type: ParameterType.INT },
    /** A key was pressed or, where none is needed, the device looks as if it had keys. */
    keyboard: { type: ParameterType.BOOL },
    touch: { type: ParameterType.BOOL },
  },
} as const;

/** Checks the window and the keyboard, says what does not fit and how to mend it, and looks again when that changes. */
export class DevicePlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const listening = new AbortController();
    let pressed = false;
    const list = el("ul", { class: "checks" });
    const verdict = el("p", { class: "verdict", role: "status" });
    const next = el("button", { type: "button", class: "primary" }, strings.continue);
    const link = el("output", { class: "link" }, tools.link);
    const elsewhere = el("div", { class: "link-box", hidden: true }, el("p", {}, strings.otherDevice), el("div", { class: "code-row" }, link, copyButton(tools.link, link, strings)));

    const look = (): Found => {
      const here = found(pressed, trial.keyboard ?? false);
      const checks = needs({ width: trial.width, height: trial.height, keyboard: trial.keyboard ?? false }, here, tools);
      const wrong = checks.filter((check) => !check.fits).length;
      list.replaceChildren(...checks.map((check) => check.element));
      elsewhere.hidden = wrong === 0;
      const text = wrong === 0 ? strings.deviceFits : strings.deviceWrong(wrong);
      if (verdict.textContent !== text) verdict.textContent = text;
      verdict.classList.toggle("good", wrong === 0);
      return { ...here, fits: wrong === 0 };
    };
    for (const type of ["resize", "orientationchange"]) window.addEventListener(type, look, { signal: listening.signal });
    window.addEventListener("keydown", () => {
      pressed = true;
      look();
    }, { signal: listening.signal });
    next.addEventListener("click", () => {
      const { fits, ...data } = look();
      if (!fits) {
        verdict.textContent = strings.deviceFirst;
        list.querySelector<HTMLElement>(".check:not(.fits)")?.focus();
        return;
      }
      listening.abort();
      this.jsPsych.finishTrial(data);
    });
    look();
    showPage(display, "device", trial.title, prose(trial.blocks, tools), list, elsewhere, el("div", { class: "actions" }, next, verdict));
  }
}
