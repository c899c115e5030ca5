/** Runs the session on jsPsych: the server hands out one step at a time, the timeline grows by one trial at a time. */
import { initJsPsych } from "jspsych";
import type { SessionState } from "./contract";
import { guardHistory } from "./history_guard";
import { strings } from "./languages";
import { BreakPlugin } from "./plugins/break";
import { ConsentPlugin } from "./plugins/consent";
import { DecisionPlugin } from "./plugins/decision";
import { DevicePlugin } from "./plugins/device";
import { DonePlugin } from "./plugins/done";
import { FeedbackPlugin } from "./plugins/feedback";
import { OfferPlugin } from "./plugins/offer";
import { PagesPlugin } from "./plugins/pages";
import { QuestionnairePlugin } from "./plugins/questionnaire";
import { ReturnPlugin } from "./plugins/return";
import type { Tools } from "./plugins/tools";
import { type Recorded, extension, following, mouseOf } from "./pointer";
import type { Source, Step } from "./session";
import type { Shell } from "./shell";

const PLUGINS = {
  device: DevicePlugin,
  consent: ConsentPlugin,
  instructions: PagesPlugin,
  block: PagesPlugin,
  offer: OfferPlugin,
  decision: DecisionPlugin,
  feedback: FeedbackPlugin,
  questionnaire: QuestionnairePlugin,
  break: BreakPlugin,
  return: ReturnPlugin,
  debriefing: PagesPlugin,
  done: DonePlugin,
};

type Trial = { type: (typeof PLUGINS)[Step["kind"]] } & Record<string, unknown>;
type Result = Record<string, unknown>;

/** Resolves never in practice: the last step has nothing that ends it. */
export async function runTimeline(session: Source, shell: Shell, first: SessionState, onError: (error: unknown) => void): Promise<void> {
  const jsPsych = initJsPsych({ display_element: shell.stage, extensions: [extension] });
  const timeline: Trial[] = [];
  let current = first.step;
  /** Set when another tab went on: the step shown is over without an answer of ours. */
  let overtaken: SessionState | null = null;

  function append(state: SessionState, notice = ""): void {
    current = state.step;
    timeline.push({ ...describe(state), on_start: () => begin(state, notice), on_load: () => shell.ready(), on_finish: (result: Result) => finish(state.step, result) });
  }

  function begin(state: SessionState, notice: string): void {
    shell.notify(notice);
    shell.speak(strings(state.language), state.language);
    shell.wait(strings(state.language).loading); // until the page is there, with its pictures
    shell.showProgress(state.step.progress);
    session.media.trim();
    session.media.preload(state.step.preload ?? []);
    session.log(state.step.index, "shown", { width: innerWidth, height: innerHeight, ratio: devicePixelRatio });
  }

  async function finish(step: Step, result: Result): Promise<void> {
    if (shell.closed) await new Promise(() => undefined); // a countdown ended in a tab that has no session any more
    if (overtaken) {
      append(overtaken);
      overtaken = null;
      return;
    }
    shell.wait(strings(document.documentElement.lang).sending);
    try {
      const { state, refusal } = await session.complete(step.index, dataOf(step, result));
      append(state, refusal ?? "");
    } catch (error) {
      shell.ready();
      onError(error);
      await new Promise(() => undefined); // the error page offers to load everything again
    }
  }

  function describe({ step, language }: SessionState): Trial {
    const tools: Tools = {
      strings: strings(language),
      language,
      link: session.link,
      show: (image, picture) => session.media.show(image, picture),
      log: (type, data) => session.log(step.index, type, data),
      fail: onError,
    };
    return { ...step, type: PLUGINS[step.kind], tools: () => tools, ...(follows(step) && { extensions: [following] }) };
  }

  async function catchUp(): Promise<void> {
    if (document.visibilityState !== "visible" || shell.closed) return;
    const shown = current;
    const state = await session.state();
    if (state.step.index > shown.index && current === shown && !shell.closed) {
      overtaken = state;
      jsPsych.finishTrial({});
    }
  }

  document.addEventListener("visibilitychange", () => {
    session.log(current.index, document.visibilityState === "visible" ? "tab_visible" : "tab_hidden");
    catchUp().catch(onError);
  });
  // A page that the browser took out of its memory is as old as when it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) catchUp().catch(onError);
  });
  guardHistory(() => {
    if (shell.closed) return;
    session.log(current.index, "back_pressed");
    shell.notify(strings(document.documentElement.lang).noBack);
  });
  for (const type of ["blur", "focus"]) window.addEventListener(type, () => session.log(current.index, `window_${type}`));

  append(first);
  shell.stage.replaceChildren(); // jsPsych adds its own element, and empties no other
  const running = jsPsych.run(timeline);
  shell.stage.removeAttribute("tabindex"); // jsPsych makes it a stop for the Tab key, with nothing to do there
  await running;
}

/** What the plug-in declares as its data, without what jsPsych adds; with the pointer's way where that is recorded. */
function dataOf(step: Step, result: Result): Record<string, unknown> {
  const names = Object.keys(PLUGINS[step.kind].info.data);
  const own = Object.fromEntries(names.filter((name) => result[name] !== undefined).map((name) => [name, result[name]]));
  return follows(step) ? { ...own, mouse: mouseOf(result as unknown as Recorded) } : own;
}

function follows(step: Step): boolean {
  return step.kind === "decision" && step.record_mouse === true;
}
