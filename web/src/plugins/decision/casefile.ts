/** A case file: a table of what is known, a line each, its meaning at hand. */
import type { Line } from "../../contract";
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";

const LONG = 12;

export interface CaseFile {
  element: HTMLElement;
  /** The table's rows, in the order of the lines. */
  rows: HTMLElement[];
  table: HTMLTableElement;
}

// Roles are said aloud: on a phone the rows are laid out as blocks, which would take them from a screen reader.
export function caseFile(lines: readonly Line[], tools: Tools): CaseFile {
  const { strings } = tools;
  const rows = lines.map((line) => {
    const help = line.help ? el("p", { id: freshId("help"), class: "line-help", hidden: true }, line.help) : null;
    const head = rowHead(line.label, help && helpButton(line.label, help, tools), help);
    return el("tr", { role: "row" }, head, el("td", { class: "value", role: "cell" }, line.value));
  });
  const table = el("table", { class: "casefile", role: "table" }, el("caption", { class: "visually-hidden" }, strings.caseFile), el("tbody", { role: "rowgroup" }, ...rows));
  table.classList.toggle("long", lines.length > LONG);
  return { element: el("div", { class: "look look-case" }, table), rows, table };
}

/** The head's name is its label alone; the button stays with the label's last word. */
function rowHead(label: string, button: HTMLElement | null, help: HTMLElement | null): HTMLElement {
  const cut = label.lastIndexOf(" ") + 1;
  const start = el("span", { id: freshId("label") }, label.slice(0, cut));
  const end = el("span", { id: freshId("label") }, label.slice(cut));
  const name = el("span", { class: "line-label" }, start, el("span", { class: "last-word" }, end, button));
  return el("th", { scope: "row", role: "rowheader", "aria-labelledby": `${start.id} ${end.id}` }, name, help);
}

function helpButton(label: string, help: HTMLElement, { strings }: Tools): HTMLElement {
  const button = el("button", { type: "button", class: "info", "aria-expanded": "false", "aria-controls": help.id, "aria-label": strings.meaning(label) }, "?");
  button.addEventListener("click", () => {
    help.hidden = !help.hidden;
    button.setAttribute("aria-expanded", String(!help.hidden));
  });
  return button;
}
