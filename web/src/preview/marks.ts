/** Texts that the researcher wants changed: kept in the browser until they are removed. */
import { el } from "../dom";
import type { Keeping } from "../keeping";
import type { PanelWords } from "./words";

export interface Mark {
  text: string;
  /** Where it was read: language, condition and page. */
  where: string;
  note: string;
}

const SHOWN = 40; // characters of the selection on the button

export class Marks {
  private readonly marks: Mark[];
  private readonly list = el("ul", { class: "texts" });
  private readonly button: HTMLButtonElement;
  private readonly said = el("p", { class: "visually-hidden", role: "status" });
  readonly element: HTMLElement;
  private selected = "";

  constructor(
    private readonly words: PanelWords,
    private readonly study: string,
    private readonly keeping: Keeping,
    private readonly where: () => string,
  ) {
    this.button = el("button", { type: "button", class: "small", disabled: true }, words.mark);
    this.marks = read(this.keeping.get(this.key));
    const copy = el("button", { type: "button", class: "small" }, words.copy);
    const download = el("button", { type: "button", class: "small" }, words.download);
    copy.addEventListener("click", () => void navigator.clipboard?.writeText(this.text()).then(() => (this.said.textContent = words.copied)));
    download.addEventListener("click", () => save(`${study}-texts.md`, this.text()));
    this.button.addEventListener("click", () => this.mark());
    this.element = el("section", {}, el("h2", {}, words.texts), el("p", { class: "soft" }, words.howTo), this.button, this.list, el("div", { class: "panel-row" }, copy, download), this.said);
    this.show();
  }

  /** Watches what is selected on the page. */
  watch(page: HTMLElement): void {
    document.addEventListener("selectionchange", () => {
      const selection = getSelection();
      const inside = selection?.anchorNode && page.contains(selection.anchorNode);
      const text = inside ? selection.toString().trim() : "";
      // A click on the button can take the selection away first: what was selected is remembered until then.
      if (text === "" && document.activeElement === this.button) return;
      this.selected = text;
      this.button.disabled = text === "";
      this.button.textContent = text === "" ? this.words.mark : this.words.markThis(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
    });
    this.button.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** The list as Markdown. */
  text(): string {
    const lines = this.marks.map(({ text, where, note }) => `- ${where}\n  > ${text.replaceAll("\n", "\n  > ")}\n\n  ${note || "…"}\n`);
    return `# ${this.words.listTitle(this.study)}\n\n${lines.join("\n")}`;
  }

  private get key(): string {
    return `binome:preview:${this.study}`;
  }

  private mark(): void {
    if (this.selected === "") return;
    this.marks.push({ text: this.selected, where: this.where(), note: "" });
    this.show();
    this.list.querySelector<HTMLElement>("li:last-child textarea")?.focus();
  }

  private show(): void {
    this.keep();
    this.list.replaceChildren(...this.marks.map((mark) => this.entry(mark)));
  }

  private entry(mark: Mark): HTMLElement {
    const note = el("textarea", { rows: 2, "aria-label": `${this.words.note} ${mark.text}`, placeholder: this.words.note });
    note.value = mark.note;
    note.addEventListener("input", () => {
      mark.note = note.value;
      this.keep();
    });
    const remove = el("button", { type: "button", class: "quiet", "aria-label": `${this.words.remove}: ${mark.text}` }, this.words.remove);
    remove.addEventListener("click", () => {
      this.marks.splice(this.marks.indexOf(mark), 1);
      this.show();
      this.button.focus();
    });
    return el("li", {}, el("blockquote", {}, mark.text), el("p", { class: "soft" }, mark.where), note, remove);
  }

  private keep(): void {
    this.keeping.set(this.key, JSON.stringify(this.marks));
  }
}

function read(kept: string | null): Mark[] {
  return kept === null ? [] : (JSON.parse(kept) as Mark[]);
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/markdown" }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
