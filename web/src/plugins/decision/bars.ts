/** What each line of a case file contributed, as bars from a middle line: against to the left, for to the right. */
import type { Bars as Values } from "../../contract";
import { el } from "../../dom";
import type { Tools } from "../tools";
import type { CaseFile } from "./casefile";
import { Inspector } from "./inspector";

const STRONG = 2 / 3;
const MIDDLE = 1 / 3;
const NOTHING = 0.01;

export class Bars extends Inspector {
  readonly controls: HTMLElement;
  override readonly layout = "barred";
  private readonly sides: HTMLElement;

  constructor(
    private readonly values: Values,
    private readonly file: CaseFile,
    advice: string | null,
    tools: Tools,
  ) {
    super(tools);
    // On a phone the advice comes after the table: the bars say of which advice they speak.
    const title = advice === null ? tools.strings.weighed : tools.strings.weighedIn(advice);
    file.rows.forEach((row, place) => row.append(this.cell(values.values[place] ?? null)));
    this.sides = this.legend();
    if (values.rest !== null && values.rest !== undefined) file.table.append(this.rest(values.rest));
    file.table.classList.add("with-bars");
    file.table.tBodies[0]!.before(this.sides);
    this.controls = el(
      "div",
      { class: "overlay-controls bars-controls", role: "group", "aria-label": tools.strings.explanationBars },
      el("p", { class: "overlay-title" }, title),
      this.switch,
    );
  }

  override arrange(look: HTMLElement): void {
    look.prepend(this.controls);
    look.append(...this.sentences);
  }

  protected show(visible: boolean): void {
    this.file.table.classList.toggle("bars-hidden", !visible);
    for (const cell of this.file.table.querySelectorAll<HTMLElement>("[data-bar]")) cell.hidden = !visible;
    this.sides.hidden = !visible;
    const rest = this.file.table.querySelector<HTMLElement>(".rest");
    if (rest) rest.hidden = !visible;
  }

  /** Over the bars, and in sight while a long table scrolls. */
  private legend(): HTMLElement {
    const { low, high } = this.values;
    const sides = el("div", { class: "bars-legend", "aria-hidden": true }, el("span", { class: "against" }, `◂\u00a0${low}`), el("span", { class: "for" }, `${high}\u00a0▸`));
    const head = el("th", { scope: "col", role: "columnheader", class: "bar" }, el("span", { class: "visually-hidden" }, this.tools.strings.explanationBars), sides);
    return el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, el("td", { colspan: 2, role: "cell" }), head));
  }

  private rest(value: number): HTMLElement {
    const head = el("th", { scope: "row", role: "rowheader" }, el("span", { class: "line-label" }, this.tools.strings.restOfModel));
    return el("tbody", { role: "rowgroup", class: "rest" }, el("tr", { role: "row" }, head, el("td", { class: "value", role: "cell" }), this.cell(value)));
  }

  private cell(value: number | null): HTMLElement {
    const cell = el("td", { class: "bar", role: "cell", "data-bar": true });
    if (value === null) {
      cell.append(el("span", { class: "unseen" }, this.tools.strings.unseenByModel));
      return cell;
    }
    const fill = el("span", { class: value < 0 ? "fill against" : "fill for" });
    fill.style.width = `${50 * Math.min(1, Math.abs(value))}%`;
    cell.append(el("span", { class: "track", "aria-hidden": true }, fill), el("span", { class: "visually-hidden" }, this.words(value)));
    return cell;
  }

  private words(value: number): string {
    const { strings } = this.tools;
    const size = Math.abs(value);
    if (size < NOTHING) return strings.weighsNothing;
    const how = size >= STRONG ? strings.strongly : size >= MIDDLE ? strings.somewhat : strings.slightly;
    return `${value < 0 ? this.values.low : this.values.high}, ${how}`;
  }
}
