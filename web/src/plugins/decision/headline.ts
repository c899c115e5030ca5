/** The model's decision as the page's headline, where it decides. */
import type { Advice } from "../../contract";
import { el } from "../../dom";
import type { Tools } from "../tools";
import { sureness } from "./advice";

/** Puts who decides and what over the question that is decided; gives the headline back. */
export function headline(page: HTMLElement, who: string, decision: string, question: string): HTMLElement | null {
  const title = page.querySelector("h1");
  title?.replaceChildren(el("span", { class: "what" }, who), " ", el("strong", {}, decision));
  title?.before(el("p", { class: "decided-question" }, question));
  return title;
}

/** How sure the model is of what the headline says, where the condition tells. */
export function surenessCard(advice: Advice | null, tools: Tools): HTMLElement | null {
  const sure = advice && sureness(advice, tools);
  return sure && el("div", { class: "advice" }, sure);
}
