/** The researcher's preview: the operator's pages, with a panel beside them. */
import "./preview.css";
import type { StudyInfo } from "../contract";
import { el, showPage } from "../dom";
import { HttpError } from "../http";
import { openKeeping } from "../keeping";
import { pickLanguage } from "../languages";
import type { Shell } from "../shell";
import { runTimeline } from "../timeline";
import { Marks } from "./marks";
import { follow, panel } from "./panel";
import { Recorder } from "./recorder";
import { PreviewSource } from "./source";
import { panelWords } from "./words";

export async function startPreview(study: StudyInfo, condition: string, query: URLSearchParams, shell: Shell, fail: (error: unknown) => void): Promise<void> {
  const language = pickLanguage([query.get("lang"), ...navigator.languages], study.languages);
  document.documentElement.lang = language;
  const words = panelWords(language);
  const recorder = new Recorder(words);
  let beside: HTMLElement | null = null;
  let index = 0;
  const source = new PreviewSource(
    condition,
    language,
    ({ event, refusal }) => {
      recorder.add(event, refusal);
      index = event.type === "shown" ? event.step : index;
      if (beside) follow(beside, index);
    },
    () => shell.showTrouble("connection"),
  );
  const step = /^\d+$/.test(query.get("step") ?? "") ? Number(query.get("step")) : null;
  try {
    const state = await source.open(step);
    index = state.step.index;
    const marks = new Marks(words, study.study, openKeeping(), () => `${language} · ${condition} · ${index}`);
    beside = panel(state, study.languages, { condition, language, step }, words, recorder.element, marks.element);
    document.body.classList.add("with-panel");
    document.body.append(beside);
    marks.watch(shell.stage);
    await runTimeline(source, shell, await source.state(), fail);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    shell.ready();
    const known = error.status !== 401;
    showPage(shell.stage, "message", known ? words.title : words.notAllowed, el("p", { class: "lead" }, known ? words.unknown : words.signIn), el("div", { class: "actions" }, el("a", { class: "button primary", href: "/researcher" }, words.back)));
  }
}
