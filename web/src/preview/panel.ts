/** The panel beside the page: where one is, what is recorded, which texts are to be changed. */
import type { PreviewPlace, PreviewState } from "../contract";
import { el, freshId } from "../dom";
import type { PanelWords } from "./words";

export interface Where {
  condition: string;
  language: string;
  step: number | null;
}

/** The address of another place of the preview. */
export function addressOf({ condition, language, step }: Where): string {
  const query = new URLSearchParams({ preview: condition, lang: language });
  if (step !== null) query.set("step", String(step));
  return `/take?${query.toString()}`;
}

export function panel(state: PreviewState, languages: readonly string[], where: Where, words: PanelWords, ...sections: HTMLElement[]): HTMLElement {
  const go = (change: Partial<Where>): void => location.assign(addressOf({ ...where, ...change }));
  const conditions = chooser(words.condition, state.conditions.map((name) => [name, name]), where.condition, (condition) => go({ condition, step: null }));
  const tongues = chooser(words.language, languages.map((code) => [code, code.toUpperCase()]), where.language, (language) => go({ language, step: state.step.index }));
  const places = (state.places ?? []).map((place): [string, string] => [String(place.index), nameOf(place, words)]);
  const pages = chooser(words.place, places, String(state.step.index), (index) => go({ step: Number(index) }));
  const body = el("div", { class: "panel-body", id: freshId("panel") }, el("p", { class: "soft" }, words.lead, " ", el("a", { href: "/researcher" }, words.back)), el("div", { class: "choosers" }, conditions, tongues, pages), ...sections);
  const fold = el("button", { type: "button", class: "small", "aria-expanded": "true", "aria-controls": body.id }, words.hide);
  fold.addEventListener("click", () => {
    body.hidden = !body.hidden;
    fold.textContent = body.hidden ? words.show : words.hide;
    fold.setAttribute("aria-expanded", String(!body.hidden));
  });
  return el("aside", { class: "panel", "aria-label": words.title }, el("div", { class: "panel-head" }, el("strong", {}, words.title), fold), body);
}

/** The page that is shown now; one between two named places counts to the one before. */
export function follow(element: HTMLElement, index: number): void {
  const select = element.querySelector<HTMLSelectElement>(".choosers label:last-child select");
  const before = [...(select?.options ?? [])].filter((option) => Number(option.value) <= index).at(-1);
  if (select && before) select.value = before.value;
}

function chooser(label: string, options: [string, string][], chosen: string, choose: (value: string) => void): HTMLElement {
  const select = el("select", {}, ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  select.addEventListener("change", () => choose(select.value));
  return el("label", {}, el("span", {}, label), select);
}

function nameOf({ index, kind, condition, block, questionnaire, practice }: PreviewPlace, words: PanelWords): string {
  const more = [questionnaire, practice ? words.practice : null, block === null ? null : `${block + 1}`, condition].filter((part) => part !== null);
  return [`${index}. ${words.kinds[kind] ?? kind}`, ...more].join(" · ");
}
