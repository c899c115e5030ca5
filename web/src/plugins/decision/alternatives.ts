/** Counterfactuals: which lines would have to be different for another advice; one at a time, behind tabs. */
import type { Alternative } from "../../contract";
import { el, freshId } from "../../dom";
import { percent } from "../../format";
import type { Tools } from "../tools";
import { Inspector } from "./inspector";

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class Alternatives extends Inspector {
  readonly controls: HTMLElement;
  private readonly body: HTMLElement;
  private readonly tabs: HTMLButtonElement[] = [];
  private readonly panels: HTMLElement[];

  constructor(found: readonly Alternative[], tools: Tools) {
    super(tools);
    const { strings } = tools;
    this.panels = found.map((alternative) => this.panel(alternative));
    const none = found.length === 0 && el("p", {}, strings.noAlternative);
    this.body = el("div", { class: "alternatives" }, found.length > 1 && this.tablist(), ...this.panels, none, found.length > 0 && el("p", { class: "legend" }, strings.alternativesKey));
    this.controls = el("div", { class: "overlay-controls", role: "group", "aria-label": strings.alternatives }, this.head(strings.alternatives), this.body);
  }

  protected show(visible: boolean): void {
    this.body.hidden = !visible;
  }

  private panel({ label, confidence, changes, hidden }: Alternative): HTMLElement {
    const { strings, language } = this.tools;
    const sure = confidence == null ? "" : `\u00a0(${strings.sure(percent(confidence, language))})`;
    const cell = (text: string, name: string) => el("td", { role: "cell", class: name }, text);
    const rows = changes.map((change) =>
      el("tr", { role: "row" }, el("th", { scope: "row", role: "rowheader" }, change.label), cell(change.before, "before"), cell(change.after, "after")),
    );
    const head = [strings.changedLine, strings.valueHere, strings.valueThere].map((text) => el("th", { scope: "col", role: "columnheader" }, text));
    const table = el(
      "table",
      { class: "changes", role: "table" },
      el("caption", { class: "visually-hidden" }, strings.wouldSay(label)),
      el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, ...head)),
      el("tbody", { role: "rowgroup" }, ...rows),
    );
    return el(
      "div",
      { class: "alternative" },
      el("p", {}, strings.wouldSay(label), sure && el("span", { class: "certainty" }, sure)),
      changes.length > 0 && table,
      hidden ? el("p", { class: "hidden-changes" }, strings.hiddenChanges(hidden, changes.length)) : null,
    );
  }

  private tablist(): HTMLElement {
    const { strings } = this.tools;
    const list = el("div", { class: "tabs", role: "tablist", "aria-label": strings.alternatives });
    this.panels.forEach((panel, index) => {
      panel.id = freshId("alternative");
      const tab = el("button", { type: "button", role: "tab", id: freshId("tab"), "aria-controls": panel.id }, strings.alternative(index + 1));
      tab.addEventListener("click", () => this.select(index));
      tab.addEventListener("keydown", (event) => this.move(event, index));
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", tab.id);
      this.tabs.push(tab);
      list.append(tab);
    });
    this.mark(0);
    return list;
  }

  private move(event: KeyboardEvent, from: number): void {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation(); // the page's arrows mean something else
    const to = (from + step + this.tabs.length) % this.tabs.length;
    this.select(to);
    this.tabs[to]?.focus();
  }

  private select(index: number): void {
    this.mark(index);
    this.tools.log("alternative_shown", { number: index + 1 });
  }

  private mark(chosen: number): void {
    this.tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
    });
    this.panels.forEach((panel, index) => (panel.hidden = index !== chosen));
  }
}
