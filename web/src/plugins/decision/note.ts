/** What only the operator is told of the item. */
import { el } from "../../dom";
import type { Tools } from "../tools";

export function sideNote(text: string, { strings }: Tools): HTMLElement {
  return el("aside", { class: "side-note", "aria-label": strings.onlyYou }, el("p", {}, el("span", { class: "what" }, strings.onlyYou), el("strong", {}, text)));
}
