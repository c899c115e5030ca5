import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { copyButton } from "../../copy";
import { el, showPage } from "../../dom";
import { prose } from "../../prose";
import type { Tools } from "../tools";

const info = {
  name: "binome-done",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    blocks: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** The completion code; empty when there is none (consent refused). */
    code: { type: ParameterType.STRING, default: "" },
    /** Where recruiting platforms expect the operator back, or null. */
    url: { type: ParameterType.STRING, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {},
} as const;

/** The last page: thanks, the completion code, the way back. It never ends. */
export class DonePlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(_: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const page = showPage(display, "done", trial.title, prose(trial.blocks, tools));
    if (trial.code) page.append(codeBox(trial.code, strings));
    if (/^https?:/.test(trial.url ?? "")) page.append(el("div", { class: "actions" }, el("a", { class: "button primary", href: trial.url, rel: "noreferrer" }, strings.goBack)));
  }
}

function codeBox(code: string, strings: Tools["strings"]): HTMLElement {
  const output = el("output", { class: "code", "aria-label": `${strings.code} ${code}` }, code);
  return el("div", { class: "code-box" }, el("div", { class: "code-row" }, output, copyButton(code, output, strings)));
}
