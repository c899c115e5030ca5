/** How long the pointer rests on each part of the page. Fingers do not rest: touch is left out. */
import { Stopwatch } from "../../clock";

/** As many as the server takes. */
const MOST = 50;

export class Hover {
  private readonly parts: { name: string; elements: Element[]; watch: Stopwatch }[] = [];
  private at: EventTarget | null = null;

  /** Parts may lie in one another; several elements of one name are one part. */
  add(name: string, element: Element | null | undefined): void {
    if (!element) return;
    const known = this.parts.find((part) => part.name === name);
    if (known) known.elements.push(element);
    else this.parts.push({ name, elements: [element], watch: new Stopwatch() });
  }

  listen(signal: AbortSignal): void {
    // A pointer that lies still when the tab comes back is met at its next move.
    for (const type of ["pointerover", "pointermove"] as const) {
      document.addEventListener(type, (event) => this.over(event.pointerType === "touch" ? null : event.target), { signal });
    }
    document.documentElement.addEventListener("pointerleave", () => this.over(null), { signal });
    document.addEventListener("visibilitychange", () => this.over(null), { signal });
    signal.addEventListener("abort", () => this.over(null));
  }

  /** Counts from now on, what lies under the pointer included. */
  begin(): void {
    const { at } = this;
    this.over(null);
    for (const part of this.parts) part.watch = new Stopwatch();
    this.over(at);
  }

  /** By part, the longest first; parts that the pointer was never over are left out. */
  get seconds(): Record<string, number> {
    const found = this.parts.map(({ name, watch }): [string, number] => [name, watch.seconds]).filter(([, seconds]) => seconds > 0);
    return Object.fromEntries(found.sort(([, a], [, b]) => b - a).slice(0, MOST));
  }

  private over(target: EventTarget | null): void {
    if (target === this.at) return;
    this.at = target;
    for (const { elements, watch } of this.parts) {
      if (target instanceof Node && elements.some((element) => element.contains(target))) watch.start();
      else watch.stop();
    }
  }
}
