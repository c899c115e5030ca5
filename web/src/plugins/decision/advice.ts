/** The model's advice, and how sure it is where the condition tells. */
import type { Advice } from "../../contract";
import { el } from "../../dom";
import { percent } from "../../format";
import type { Tools } from "../tools";

export function adviceCard(advice: Advice, tools: Tools): HTMLElement {
  const what = el("span", { class: "what" }, tools.strings.modelSays);
  return el("div", { class: "advice" }, el("p", {}, what, el("strong", {}, advice.label)), sureness(advice, tools));
}

/** Null where the condition hides it. */
export function sureness({ confidence }: Advice, { strings, language }: Tools): HTMLElement | null {
  if (confidence === null) return null;
  const fill = el("div", { class: "sure-fill" });
  fill.style.width = `${100 * confidence}%`;
  return el("div", { class: "sure" }, el("span", {}, strings.modelSure(percent(confidence, language))), el("div", { class: "sure-bar", "aria-hidden": true }, fill));
}
