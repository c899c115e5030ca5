/** The points so far, and what things cost. */
import type { Score } from "../../contract";
import { el } from "../../dom";
import { number } from "../../format";
import type { Tools } from "../tools";

export function scoreLine({ points: total, last }: Score, tools: Tools): HTMLElement {
  const { strings } = tools;
  const change = last === null ? null : el("span", { class: lastClass(last), "aria-hidden": true }, `${last < 0 ? "−" : "+"}${number(Math.abs(last), tools.language)}`);
  const words = last === null ? "" : `, ${(last < 0 ? strings.lastCost : strings.lastWon)(points(Math.abs(last), tools))}`;
  return el("span", { class: "score" }, points(total, tools), change, words && el("span", { class: "visually-hidden" }, words));
}

/** `2 points`, `1 point`, with a true minus. */
export function points(value: number, { strings, language }: Tools): string {
  return strings.points(value, number(value, language).replace("-", "−"));
}

/** What a thing costs, or null where the study has no prices. */
export function cost(price: number | null, tools: Tools, each = false): string | null {
  if (price === null) return null;
  if (price === 0) return tools.strings.costsNothing;
  return (each ? tools.strings.costsEach : tools.strings.costs)(points(price, tools));
}

function lastClass(last: number): string {
  return last < 0 ? "last lost" : "last won";
}
