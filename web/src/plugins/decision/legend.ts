/** How to read a map, by how it is shown: a colour scale, lines with their shares, or what is clear and what is veiled. */
import type { Contour, Explanation, Legend, Regions } from "../../contract";
import { el } from "../../dom";
import { percent } from "../../format";
import type { Tools } from "../tools";

export function legendOf(explanation: Explanation, tools: Tools): HTMLElement | null {
  if (explanation.kind === "contour") return lines(explanation.contours ?? [], tools);
  if (explanation.kind === "regions" && explanation.regions) return clearAndVeiled(explanation.regions, tools);
  return explanation.legend ? scale(explanation.legend) : null;
}

function scale({ colours, low, high }: Legend): HTMLElement {
  const bar = el("div", { class: "scale", "aria-hidden": true });
  bar.style.backgroundImage = `linear-gradient(to right, ${colours.join(", ")})`;
  return el("div", { class: "legend" }, bar, el("div", { class: "ends" }, el("span", {}, low), el("span", {}, high)));
}

function lines(contours: readonly Contour[], { strings, language }: Tools): HTMLElement {
  const samples = contours.map(({ share, colour, width }) => {
    const sample = el("span", { class: "line-sample", "aria-hidden": true });
    sample.style.height = `${width}px`;
    sample.style.backgroundColor = colour;
    sample.classList.toggle("dark", share < 0.5);
    return el("li", {}, sample, percent(share, language));
  });
  return el("div", { class: "legend" }, el("p", {}, strings.contourKey), el("ul", { class: "line-samples" }, ...samples));
}

function clearAndVeiled({ share, count }: Regions, { strings, language }: Tools): HTMLElement {
  const clear = strings.regionsClear(percent(share, language), count ?? null);
  return el(
    "ul",
    { class: "legend area-samples" },
    el("li", {}, el("span", { class: "area-sample clear", "aria-hidden": true }), clear),
    el("li", {}, el("span", { class: "area-sample veiled", "aria-hidden": true }), strings.regionsVeiled),
  );
}
