/** Examples: other items with their right answer, what each is an example of, and how alike it is. */
import type { Example, Line } from "../../contract";
import { el } from "../../dom";
import type { Tools } from "../tools";
import { Inspector } from "./inspector";

const LOW_RESOLUTION = 128;
/** From which similarity on each of the words holds; below the last one, the last word. */
const ALIKE = [0.9, 0.7, 0.5];

export class Gallery extends Inspector {
  readonly controls: HTMLElement;
  private readonly list: HTMLElement;

  constructor(examples: readonly Example[], own: readonly Line[], tools: Tools) {
    super(tools);
    const { strings } = tools;
    const kinds = [...new Set(examples.map((example) => example.kind))];
    const list = el("ul", { class: own.length > 0 ? "gallery cases" : "gallery" }, ...examples.map((example) => this.card(example, own)));
    const meanings = kinds.map((kind) => strings.exampleMeaning[kind]).join(" ");
    this.list = el("div", { class: "gallery-body" }, el("p", { class: "legend" }, meanings), list);
    this.controls = el("div", { class: "overlay-controls", role: "group", "aria-label": strings.examples }, this.head(strings.examples), this.list);
  }

  protected show(visible: boolean): void {
    this.list.hidden = !visible;
  }

  private card(example: Example, own: readonly Line[]): HTMLElement {
    const { strings } = this.tools;
    const how = example.similarity == null ? null : el("span", { class: "similarity" }, this.alike(example.similarity));
    return el(
      "li",
      { class: `example ${example.kind}` },
      el("p", { class: "role" }, strings.exampleRole[example.kind], how),
      this.picture(example),
      el("p", { class: "example-label" }, el("span", { class: "what" }, strings.theTruth), el("strong", {}, example.label)),
      example.case?.length ? this.lines(example.case, own) : null,
    );
  }

  private picture({ picture }: Example): HTMLElement | null {
    if (!picture) return null;
    const image = el("img", { class: "item" });
    this.pictures.push([image, picture]);
    const frame = el("div", { class: "picture" }, image);
    if (picture.width <= LOW_RESOLUTION) frame.classList.add("pixelated");
    frame.style.aspectRatio = `${picture.width} / ${picture.height}`;
    return frame;
  }

  /** What is different from the item at hand, then what is the same, folded. */
  private lines(lines: readonly Line[], own: readonly Line[]): HTMLElement {
    const { strings } = this.tools;
    const here = new Map(own.map((line) => [line.id, line.value]));
    const same = lines.filter((line) => here.get(line.id) === line.value);
    const different = lines.filter((line) => here.get(line.id) !== line.value);
    const folded = same.length > 0 && el("details", {}, el("summary", {}, strings.sameLines(same.length)), pairs(same));
    return el("div", { class: "example-lines" }, different.length > 0 && el("p", { class: "what" }, strings.differentLines), different.length > 0 && pairs(different), folded);
  }

  private alike(similarity: number): string {
    const place = ALIKE.findIndex((least) => similarity >= least);
    return this.tools.strings.similarity.at(place) as string; // −1: the last one
  }
}

function pairs(lines: readonly Line[]): HTMLElement {
  return el("dl", {}, ...lines.map((line) => el("div", {}, el("dt", {}, line.label), el("dd", {}, line.value))));
}
