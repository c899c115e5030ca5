/** The pages before and beside the session: welcome with the choice of a language, closed, withdrawn, elsewhere, error. */
import type { StudyInfo } from "./contract";
import { el, showPage } from "./dom";
import { strings, type Strings } from "./languages";

/** Shows the study's title and the languages; resolves with the language in which the operator begins. */
export function welcome(stage: HTMLElement, study: StudyInfo, language: string): Promise<string> {
  return new Promise((resolve) => {
    const words = strings(language);
    document.documentElement.lang = language;
    document.title = study.title[language] ?? study.study;
    const begin = el("button", { type: "button", class: "primary" }, words.start);
    begin.addEventListener("click", () => resolve(language));
    const page = showPage(stage, "welcome", study.title[language] ?? study.study, el("p", { class: "lead" }, words.opened));
    if (study.languages.length > 1) page.append(choice(study.languages, language, words, (other) => resolve(welcome(stage, study, other))));
    page.append(el("div", { class: "actions" }, begin));
  });
}

function choice(languages: readonly string[], current: string, words: Strings, choose: (language: string) => void): HTMLElement {
  const buttons = languages.map((language) => {
    const button = el("button", { type: "button", lang: language, "aria-pressed": String(language === current) }, ownName(language));
    button.addEventListener("click", () => choose(language));
    return button;
  });
  return el("div", { class: "languages", role: "group", "aria-label": words.chooseLanguage }, ...buttons);
}

/** A language's name in itself: « Français », “English”. */
function ownName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

export function closedPage(stage: HTMLElement, words: Strings): void {
  showPage(stage, "message", words.closedTitle, el("p", { class: "lead" }, words.closed));
}

export function withdrawnPage(stage: HTMLElement, words: Strings): void {
  showPage(stage, "message", words.withdrawnTitle, el("p", { class: "lead" }, words.withdrawn));
}

/** Another tab has the session; loading this one again brings it back here. */
export function elsewherePage(stage: HTMLElement, words: Strings): void {
  const here = el("button", { type: "button", class: "primary" }, words.continueHere);
  here.addEventListener("click", () => location.reload());
  showPage(stage, "message", words.otherTabTitle, el("p", { class: "lead" }, words.otherTab), el("div", { class: "actions" }, here));
}

export function errorPage(stage: HTMLElement, words: Strings): void {
  const again = el("button", { type: "button", class: "primary" }, words.retry);
  again.addEventListener("click", () => location.reload());
  showPage(stage, "message", words.errorTitle, el("p", { class: "lead" }, words.error), el("div", { class: "actions" }, again));
}
