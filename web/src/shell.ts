/** What surrounds every page: progress, the help menu with the right to withdraw, and the connection banner. */
import type { Progress } from "./contract";
import { el, freshId } from "./dom";
import { type Strings, strings } from "./languages";
import type { Trouble } from "./outbox";

const PATIENCE = 400; // ms without an answer before the page says that it is waiting
const LONG = 6000; // … and before it says that the line is slow

type Caution = "cautionStorage" | "tooSmall";

export class Shell {
  readonly stage = el("main", { class: "stage", id: "stage" });
  private readonly bar = el("div", { class: "progress-fill" });
  private readonly meter = el("div", { class: "progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
  private readonly left = el("span", { class: "minutes" });
  private readonly tools = el("div", { class: "top-tools" });
  private readonly top = el("header", { class: "top", hidden: true }, this.meter, this.left, this.tools);
  private readonly banner = el("div", { class: "banner", role: "status" });
  private readonly cautions = el("div", { class: "cautions", role: "status" });
  private readonly waiting = el("div", { class: "waiting", role: "status" });
  private waitingTimers: ReturnType<typeof setTimeout>[] = [];
  private trouble: Trouble = "none";
  /** Whether another tab has the session. */
  closed = false;
  private notice = "";

  constructor(
    root: HTMLElement,
    private words: Strings,
    private readonly onWithdraw: () => Promise<void>,
  ) {
    new MutationObserver(() => this.translate()).observe(document.documentElement, { attributeFilter: ["lang"] });
    root.replaceChildren(this.top, this.banner, this.cautions, this.waiting, this.stage);
  }

  /** Speaks another language, and offers the help menu from now on. */
  speak(words: Strings, language: string): void {
    this.words = words;
    document.documentElement.lang = language;
    this.meter.setAttribute("aria-label", words.progress);
    const help = el("button", { type: "button", class: "quiet" }, words.help);
    help.addEventListener("click", () => this.showHelp());
    this.tools.replaceChildren(help);
    this.showTrouble(this.trouble);
  }

  showProgress(progress: Progress): void {
    const share = progress.total > 0 ? (100 * progress.done) / progress.total : 0;
    this.top.hidden = false;
    this.bar.style.width = `${share}%`;
    this.meter.setAttribute("aria-valuenow", String(Math.round(share)));
    this.meter.hidden = progress.total === 0; // of a session that goes on no more
    this.left.textContent = share >= 100 || progress.total === 0 ? "" : this.words.minutesLeft(progress.minutes_left);
  }

  hideProgress(): void {
    this.top.hidden = true;
  }

  /** Ends the session's page: what it still shows is gone, and what it would still do is not asked for. */
  close(): void {
    this.closed = true;
    for (const dialog of document.querySelectorAll("dialog")) dialog.remove();
    this.hideProgress();
    this.notify("");
    this.ready();
    this.stage.replaceChildren();
  }

  showTrouble(trouble: Trouble): void {
    this.trouble = trouble;
    const text = { none: this.notice, connection: this.words.lostConnection, refusal: this.words.notAccepted }[trouble];
    if (this.banner.textContent !== text) this.banner.textContent = text;
    this.banner.classList.toggle("trouble", trouble !== "none");
  }

  /** Tells the operator something about the step that begins, e.g. why an answer was refused. */
  notify(notice: string): void {
    this.notice = notice;
    this.showTrouble(this.trouble);
  }

  /** Warns, once, of what holds for the whole session; the operator may put it away. */
  caution(key: Caution): void {
    if (this.cautions.querySelector(`[data-caution=${key}]`)) return;
    const close = el("button", { type: "button", class: "small" });
    const line = el("div", { class: "caution", "data-caution": key }, el("p"), close);
    close.addEventListener("click", () => line.remove());
    this.cautions.append(line);
    this.translateCautions();
  }

  uncaution(key: Caution): void {
    this.cautions.querySelector(`[data-caution=${key}]`)?.remove();
  }

  /** Says `text` if what the page waits for takes long; much later, that the line is slow. */
  wait(text: string): void {
    this.ready();
    const later = (after: number, said: string) =>
      setTimeout(() => {
        this.waiting.textContent = said;
      }, after);
    this.waitingTimers = [later(PATIENCE, text), later(LONG, `${text} ${this.words.slow}`)];
  }

  ready(): void {
    for (const timer of this.waitingTimers) clearTimeout(timer);
    this.waiting.textContent = "";
  }

  /** What is said before and beside the pages, in the language that the page has now. */
  private translate(): void {
    this.words = strings(document.documentElement.lang);
    this.translateCautions();
    this.showTrouble(this.trouble);
  }

  private translateCautions(): void {
    for (const line of this.cautions.querySelectorAll<HTMLElement>(".caution")) {
      line.firstElementChild!.textContent = this.words[line.dataset.caution as Caution];
      line.lastElementChild!.textContent = this.words.close;
    }
  }

  private showHelp(): void {
    const words = this.words;
    const withdraw = el("button", { type: "button", class: "danger" }, words.withdraw);
    const close = el("button", { type: "button", class: "primary" }, words.close);
    const dialog = this.dialog(
      words.helpTitle,
      el("h3", {}, words.stopTitle),
      el("p", {}, words.stop),
      el("h3", {}, words.dataTitle),
      el("p", {}, words.data),
      el("div", { class: "buttons" }, withdraw, close),
    );
    close.addEventListener("click", () => dialog.close());
    withdraw.addEventListener("click", () => {
      dialog.close();
      this.confirmWithdrawal();
    });
  }

  private confirmWithdrawal(): void {
    const words = this.words;
    const confirm = el("button", { type: "button", class: "danger" }, words.withdrawConfirm);
    const cancel = el("button", { type: "button", class: "primary" }, words.cancel);
    const dialog = this.dialog(
      words.withdrawTitle,
      el("p", {}, words.withdrawText),
      el("div", { class: "buttons" }, confirm, cancel),
    );
    cancel.addEventListener("click", () => dialog.close());
    cancel.focus();
    confirm.addEventListener("click", () => {
      dialog.close();
      void this.onWithdraw();
    });
  }

  private dialog(title: string, ...children: Node[]): HTMLDialogElement {
    const id = freshId("dialog");
    const dialog = el("dialog", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }
}
