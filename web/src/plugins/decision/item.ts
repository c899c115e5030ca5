/** What is decided on: a picture, a case file or the words of an attention check, with its explanation. */
import type { DecisionStep, Picture } from "../../contract";
import { el } from "../../dom";
import type { Tools } from "../tools";
import { type CaseFile, caseFile } from "./casefile";
import { inspect } from "./explain";
import type { Inspector } from "./inspector";

const LOW_RESOLUTION = 128;
/** Layouts that can push the answer out of a small screen's sight. */
const TALL = ["below", "beside"];

export class Item {
  readonly inspector: Inspector | null;
  /** What the pointer may rest on, by name. */
  readonly parts: [string, Element][] = [];
  private readonly file: CaseFile | null;
  private readonly image = el("img", { class: "item" });

  constructor(
    private readonly step: DecisionStep,
    private readonly tools: Tools,
  ) {
    const lines = step.case ?? [];
    this.file = lines.length > 0 ? caseFile(lines, tools) : null;
    this.file?.rows.forEach((row, place) => this.parts.push([`line:${lines[place]?.id}`, row]));
    this.inspector = step.explanation ? inspect(step.explanation, { file: this.file, lines, advice: step.advice?.label ?? null }, tools) : null;
    for (const [name, element] of this.inspector?.parts() ?? []) this.parts.push([name, element]);
  }

  /** Whether it can be longer than a small screen. */
  get long(): boolean {
    return this.file !== null || this.tall;
  }

  /** Puts it at the head of the form, whose classes say how to lay it out. */
  arrange(form: HTMLFormElement): void {
    const look = this.look();
    if (look) form.append(look);
    if (this.inspector) form.classList.add(this.inspector.layout);
    form.classList.toggle("tall", this.tall);
    form.classList.toggle("with-case", this.file !== null);
    form.classList.toggle("no-item", this.step.picture == null && this.file === null);
  }

  /** Resolves when all its pictures can be painted in the next frame. */
  async decode(): Promise<void> {
    const { tools, step, image } = this;
    const shown: [HTMLImageElement, Picture][] = step.picture ? [[image, step.picture]] : [];
    await Promise.all([...shown, ...(this.inspector?.pictures ?? [])].map(([element, picture]) => tools.show(element, picture)));
  }

  private get tall(): boolean {
    return this.inspector !== null && TALL.includes(this.inspector.layout);
  }

  private look(): HTMLElement | null {
    const { picture, instruction } = this.step;
    if (instruction) return el("p", { class: "instruction" }, instruction);
    if (this.file) {
      this.inspector?.arrange(this.file.element, null);
      return this.file.element;
    }
    if (!picture) return null;
    const figure = el("figure", { class: "picture" }, this.image);
    if (picture.width <= LOW_RESOLUTION) figure.classList.add("pixelated");
    figure.style.aspectRatio = `${picture.width} / ${picture.height}`;
    this.parts.push(["picture", figure]);
    const look = el("div", { class: "look" }, figure);
    this.inspector?.arrange(look, figure);
    return look;
  }
}
