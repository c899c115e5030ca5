/** How much time is left: in words and as a thin bar. A screen reader reads it on demand, and hears once that it runs short. */
import { Countdown } from "../../clock";
import { el } from "../../dom";

type Words = (time: string) => string;

/** The share of the time at whose beginning it runs short. */
const SHORT = 0.25;

export class TimeLeft {
  readonly element: HTMLElement;
  private readonly words = el("span", { class: "time-words" });
  private readonly fill = el("div", { class: "time-fill" });
  private readonly status = el("p", { class: "visually-hidden", role: "status" });
  private readonly countdown: Countdown;
  private readonly steady = window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

  /** With `urgent` words, the last quarter looks and reads differently. */
  constructor(
    private readonly seconds: number,
    private readonly calm: Words,
    private readonly urgent: Words | null,
    onEnd: () => void,
  ) {
    const bar = el("div", { class: "time-bar", "aria-hidden": true }, this.fill);
    this.element = el("div", { class: "time" }, el("div", { role: "timer", class: "time-line" }, this.words, bar), this.status);
    this.countdown = new Countdown(seconds, (left) => this.show(left), onEnd);
    this.show(seconds);
  }

  start(since?: number): void {
    this.element.classList.remove("stopped");
    this.countdown.start(since);
  }

  stop(): void {
    this.countdown.stop();
  }

  /** Stops, and says so. */
  pause(words: string): void {
    this.stop();
    this.element.classList.add("stopped");
    this.words.textContent = words;
  }

  private show(left: number): void {
    const whole = Math.ceil(left);
    const short = this.urgent !== null && left <= SHORT * this.seconds;
    const words = (short && this.urgent ? this.urgent : this.calm)(clockTime(whole));
    if (this.words.textContent !== words) this.words.textContent = words;
    // Without motion, the bar goes down a second at a time.
    const share = Math.min(1, (this.steady ? whole : left) / this.seconds);
    this.fill.style.transform = `scaleX(${share})`;
    if (short && !this.element.classList.contains("short")) this.status.textContent = words;
    this.element.classList.toggle("short", short);
  }
}

/** `8 s`, `1:20`. */
export function clockTime(seconds: number): string {
  if (seconds < 60) return `${seconds}\u00a0s`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
