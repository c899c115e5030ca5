/** For the plug-ins' tests: runs one plug-in on jsPsych, with tools that record what they are asked. */
import { initJsPsych } from "jspsych";
import { vi } from "vitest";
import { strings } from "../languages";
import type { Tools } from "./tools";

export interface Run {
  display: HTMLElement;
  logged: string[];
  /** The trial's data, once it ends. */
  ended: Promise<Record<string, unknown>>;
}

/** jsdom lays nothing out: what is watched is always in sight. */
class AlwaysInSight {
  constructor(private readonly tell: (entries: Partial<IntersectionObserverEntry>[]) => void) {}

  observe(): void {
    this.tell([{ isIntersecting: true }]);
  }

  disconnect(): void {}
}
vi.stubGlobal("IntersectionObserver", AlwaysInSight);
vi.stubGlobal("matchMedia", (query: string) => Object.assign(new EventTarget(), { media: query, matches: true }));
vi.stubGlobal("scrollTo", () => undefined);

export async function runPlugin(type: unknown, parameters: object, language = "fr", own: Partial<Tools> = {}): Promise<Run> {
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  const logged: string[] = [];
  const tools: Tools = {
    strings: strings(language),
    language,
    link: "https://example.org/take#session=abc",
    show: async () => undefined,
    log: (name) => logged.push(name),
    fail: (error) => {
      throw error;
    },
    ...own,
  };
  const jsPsych = initJsPsych({ display_element: root });
  let end: (data: Record<string, unknown>) => void;
  const ended = new Promise<Record<string, unknown>>((resolve) => (end = resolve));
  // A plug-in is loaded when its page is on the screen and listens.
  await new Promise<void>((resolve, reject) => {
    jsPsych
      .run([{ ...parameters, type: type as never, tools: () => tools, on_load: resolve, on_finish: (data: Record<string, unknown>) => end(data) }])
      .catch(reject);
  });
  return { display: root, logged, ended };
}

export function button(display: HTMLElement, text: string): HTMLButtonElement {
  const found = [...display.querySelectorAll("button")].find((candidate) => candidate.textContent?.includes(text));
  if (!found) throw new Error(`no button “${text}” in ${display.textContent}`);
  return found;
}

export function press(key: string, code = ""): void {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
}
