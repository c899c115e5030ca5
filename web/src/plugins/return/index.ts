import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { copyButton } from "../../copy";
import { el, showPage } from "../../dom";
import { moment } from "../../format";
import { prose } from "../../prose";
import type { Tools } from "../tools";
import { calendarEntry } from "./calendar";

const CHECK = 5_000; // ms between two looks at the clock

const info = {
  name: "binome-return",
  version: "1.0.0",
  parameters: {
    title: { type: ParameterType.STRING, default: undefined },
    blocks: { type: ParameterType.COMPLEX, array: true, default: undefined },
    /** When the sitting opens, ISO 8601; null when it is open. */
    opens: { type: ParameterType.STRING, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {},
} as const;

/** Between two sittings: when to come back, and by which link; once it is time, the way on. */
export class ReturnPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  trial(display: HTMLElement, trial: TrialType<typeof info>): void {
    const tools = trial.tools() as Tools;
    const { strings } = tools;
    const next = el("button", { type: "button", class: "primary" }, strings.continue);
    next.addEventListener("click", () => this.jsPsych.finishTrial({}));
    const actions = el("div", { class: "actions", hidden: true }, next);
    const open = el("p", { class: "verdict good", role: "status" });
    const opens = trial.opens ? new Date(trial.opens) : null;
    const wait = opens ? appointment(opens, trial.title, tools) : null;

    const ready = (): void => {
      wait?.remove();
      open.textContent = strings.sittingOpen;
      actions.hidden = false;
    };
    showPage(display, "return", trial.title, prose(trial.blocks, tools), wait, open, actions);
    if (opens === null || opens.getTime() <= Date.now()) return ready();
    const timer = setInterval(() => {
      if (opens.getTime() <= Date.now()) ready();
      if (opens.getTime() <= Date.now() || !actions.isConnected) clearInterval(timer);
    }, CHECK);
  }
}

/** Day and hour on this device's clock, the link, and an entry for a calendar. */
function appointment(opens: Date, title: string, tools: Tools): HTMLElement {
  const { strings, language, link } = tools;
  const when = moment(opens, language);
  const address = el("output", { class: "link", "aria-label": strings.yourLink }, link);
  const entry = URL.createObjectURL(new Blob([calendarEntry(opens, title, link)], { type: "text/calendar" }));
  const calendar = el("a", { class: "button", href: entry, download: "binome.ics" }, strings.toCalendar);
  return el(
    "div",
    { class: "appointment" },
    el("p", { class: "when-label" }, strings.opensOn),
    el("p", { class: "when" }, el("time", { datetime: opens.toISOString() }, el("span", { class: "day" }, when.day), " ", el("span", { class: "hour" }, when.hour))),
    el("h2", {}, strings.yourLink),
    el("p", {}, strings.sameLink),
    el("div", { class: "code-row" }, address),
    el("div", { class: "link-actions" }, copyButton(link, address, strings, strings.copyLink), calendar),
  );
}
