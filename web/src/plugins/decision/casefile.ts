/** A case file: a table of what is known, a line each, its meaning at hand. */
import type { Line } from "../../contract";
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";

export interface CaseFile {
  element: HTMLElement;
  /** The table's rows, in the order of the lines. */
  rows: HTMLElement[];
  table: HTMLElement;
}

// Roles are said aloud: on a phone the rows are laid out as blocks, which would take them from a screen reader.
export function caseFile(lines: readonly Line[], tools: Tools): CaseFile {
  const { strings } = tools;
  const rows = lines.map((line) => {
    const help = line.help ? el("p", { id: freshId("help"), class: "line-help", hidden: true }, line.help) : null;
    const head = el("th", { scope: "row", role: "rowheader" }, el("span", { class: "line-label" }, line.label), help && helpButton(line.label, help, tools), help);
    return el("tr", { role: "row" }, head, el("td", { class: "value", role: "cell" }, line.value));
  });
  const table = el("table", { class: "casefile", role: "table", "aria-label": strings.caseFile }, el("tbody", { role: "rowgroup" }, ...rows));
  return { element: el("div", { class: "look look-case" }, table), rows, table };
}

function helpButton(label: string, help: HTMLElement, { strings }: Tools): HTMLElement {
  const button = el("button", { type: "button", class: "info", "aria-expanded": "false", "aria-controls": help.id, "aria-label": strings.meaning(label) }, "?");
  button.addEventListener("click", () => {
    help.hidden = !help.hidden;
    button.setAttribute("aria-expanded", String(!help.hidden));
  });
  return button;
}
