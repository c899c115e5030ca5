/** Statements on one scale: a table where there is room, a group for each statement where there is not. */
import type { Question, Row } from "../../contract";
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";
import { type Answers, type Field, fieldset, type Point, pointsOf } from "./field";

/** Below this the columns would be too narrow for their words. */
const ROOMY = "(min-width: 42rem)";

export function matrixField(question: Question, tools: Tools): Field {
  const rows = question.rows ?? [];
  const points = pointsOf(question);
  const chosen: Answers = Object.fromEntries(rows.map(({ id }) => [id, null]));
  const body = el("div", { class: "matrix" });
  const element = fieldset(question, tools, null, body);
  const roomy = matchMedia(ROOMY);
  const radio = (row: Row, name: string, { value }: Point, attributes: Record<string, string>): HTMLInputElement => {
    const input = el("input", { type: "radio", name, ...attributes });
    input.checked = chosen[row.id] === value;
    input.addEventListener("change", () => {
      chosen[row.id] = value;
    });
    return input;
  };
  const lay = (): void => {
    body.replaceChildren(...(roomy.matches ? [table(rows, points, question.text, radio)] : rows.map((row) => group(row, points, radio))));
  };
  lay();
  // The answers outlive the layout: a phone may be turned.
  roomy.addEventListener("change", lay);
  const open = (): Row[] => rows.filter(({ id }) => chosen[id] === null);
  const focus = (): void => {
    const first = question.required ? open()[0] : rows[0];
    body.querySelector<HTMLInputElement>(`[data-row="${first?.id ?? ""}"] input`)?.focus();
  };
  const problem = (): string => (question.required && open().length > 0 ? tools.strings.missingRows(open().length) : "");
  return { element, answers: () => ({ ...chosen }), problem, focus };
}

type Radio = (row: Row, name: string, point: Point, attributes: Record<string, string>) => HTMLInputElement;

function table(rows: readonly Row[], points: readonly Point[], caption: string, radio: Radio): HTMLElement {
  const heads = points.map((point) => el("th", { scope: "col", id: freshId("point") }, point.label, point.end && el("span", { class: "end" }, point.end)));
  const lines = rows.map((row) => {
    const head = el("th", { scope: "row", id: freshId("statement") }, row.text);
    const name = freshId(row.id);
    const cells = points.map((point, index) => el("td", {}, el("label", { class: "cell" }, radio(row, name, point, { "aria-labelledby": `${head.id} ${heads[index]?.id}` }))));
    return el("tr", { "data-row": row.id }, head, ...cells);
  });
  return el("table", {}, el("caption", { class: "visually-hidden" }, caption), el("thead", {}, el("tr", {}, el("td"), ...heads)), el("tbody", {}, ...lines));
}

function group(row: Row, points: readonly Point[], radio: Radio): HTMLElement {
  const name = freshId(row.id);
  const labels = points.map((point) => el("label", { class: "point" }, radio(row, name, point, {}), el("span", {}, point.label, point.end && el("span", { class: "end" }, ` ${point.end}`))));
  return el("fieldset", { class: "statement", "data-row": row.id }, el("legend", {}, row.text), el("div", { class: "list" }, ...labels));
}
