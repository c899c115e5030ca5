/** Why the answer was changed: asked for when it was, and only then. */
import { el, freshId } from "../../dom";
import type { Tools } from "../tools";

const LONGEST = 2000; // characters

export class Reason {
  readonly element: HTMLElement;
  private readonly field: HTMLTextAreaElement;

  constructor({ strings }: Tools) {
    const id = freshId("reason");
    this.field = el("textarea", { id, rows: 3, maxlength: LONGEST, required: true });
    this.element = el("div", { class: "reason", hidden: true }, el("label", { for: id }, strings.reason), this.field);
  }

  /** Shows or hides it. */
  ask(asked: boolean): void {
    this.element.hidden = !asked;
  }

  /** Null while it is not asked for. */
  get text(): string | null {
    return this.element.hidden ? null : this.field.value.trim();
  }

  focus(): void {
    this.field.focus();
  }
}
