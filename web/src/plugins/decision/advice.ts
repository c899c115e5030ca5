/** The model's advice, and how sure it is where the condition tells. */
import type { Advice } from "../../contract";
import { el } from "../../dom";
import { percent } from "../../format";
import type { Tools } from "../tools";

export function adviceCard(advice: Advice, { strings, language }: Tools): HTMLElement {
  const card = el("div", { class: "advice" }, el("p", {}, el("span", { class: "what" }, strings.modelSays), el("strong", {}, advice.label)));
  if (advice.confidence !== null) {
    const fill = el("div", { class: "sure-fill" });
    fill.style.width = `${100 * advice.confidence}%`;
    card.append(el("div", { class: "sure" }, el("span", {}, strings.modelSure(percent(advice.confidence, language))), el("div", { class: "sure-bar", "aria-hidden": true }, fill)));
  }
  return card;
}
