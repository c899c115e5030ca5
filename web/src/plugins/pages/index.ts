import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import type { Block } from "../../contract";
import { el, showPage } from "../../dom";
import { prose, splitHeading } from "../../prose";
import type { Tools } from "../tools";

const info = {
  name: "binome-pages",
  version: "1.0.0",
  parameters: {
    /** Several pages of blocks (instructions). */
    pages: { type: ParameterType.COMPLEX, array: true, default: [] },
    /** Or one page of blocks (block announcement, debriefing). */
    blocks: { type: ParameterType.COMPLEX, array: true, default: [] },
    title: { type: ParameterType.STRING, default: "" },
    /** A second page after `blocks`: what the model is like as a whole. */
    overview: { type: ParameterType.COMPLEX, array: true, default: [] },
    /** The block's number from 1, and how many there are. */
    number: { type: ParameterType.INT, default: null },
    of: { type: ParameterType.INT, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {},
} as const;

/** Shows pages of prose, one after the other, with a way back. */
export class PagesPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const announced = [trial.blocks ?? [], ...(trial.overview?.length ? [trial.overview] : [])];
    const pages: Block[][] = trial.pages?.length ? trial.pages : announced;
    this.showNumber(0, pages, display, trial, tools);
  }

  private showNumber(index: number, pages: Block[][], display: HTMLElement, trial: TrialType<typeof info>, tools: Tools): void {
    const { strings } = tools;
    const blocks = pages[index] ?? [];
    const title = trial.title && index === 0 ? trial.title : null;
    const fallback = trial.title ? strings.overviewTitle : strings.instructionsTitle;
    const { heading, rest } = title ? { heading: title, rest: blocks } : splitHeading(blocks, fallback);
    const go = (target: number) => () => {
      if (target === pages.length) return this.jsPsych.finishTrial({});
      tools.log("page_shown", { page: target + 1 });
      this.showNumber(target, pages, display, trial, tools);
    };

    const next = el("button", { type: "button", class: "primary" }, strings.continue);
    next.addEventListener("click", go(index + 1));
    const actions = el("div", { class: "actions" }, next);
    if (index > 0) {
      const back = el("button", { type: "button" }, strings.back);
      back.addEventListener("click", go(index - 1));
      actions.append(back);
    }
    const page = showPage(display, "pages", heading, prose(rest, tools), actions);
    const kicker = kickerOf(index, pages.length, trial, tools);
    if (kicker && kicker !== heading) page.prepend(el("p", { class: "kicker" }, kicker));
  }
}

function kickerOf(index: number, pages: number, trial: TrialType<typeof info>, { strings }: Tools): string {
  if (trial.number != null && trial.of != null) return strings.blockOf(trial.number, trial.of);
  return pages > 1 ? strings.page(index + 1, pages) : "";
}
