import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { DecisionStep } from "../../contract";
import { CASE_FINAL, decisionStep, FINAL, LONG, STAGES } from "../../mock/steps";
import { press, runPlugin } from "../harness";
import { DecisionPlugin } from ".";
import { Hover } from "./hover";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** jsdom has none. */
class Pointing extends MouseEvent {
  readonly pointerType: string;

  constructor(type: string, { pointerType = "mouse", ...init }: PointerEventInit = {}) {
    super(type, init);
    this.pointerType = pointerType;
  }
}

function rest(element: Element, milliseconds: number, pointerType = "mouse"): void {
  element.dispatchEvent(new Pointing("pointerover", { bubbles: true, pointerType }));
  vi.advanceTimersByTime(milliseconds);
}

async function recorded(parts: Partial<DecisionStep>, act: (find: (selector: string) => Element) => void): Promise<Record<string, number>> {
  const running = runPlugin(DecisionPlugin, decisionStep({ ...parts, ask_confidence: false }));
  await vi.advanceTimersByTimeAsync(100);
  const { display, ended } = await running;
  act((selector) => display.querySelector(selector)!);
  press("k");
  press("Enter");
  return (await ended).hover as Record<string, number>;
}

function close(found: Record<string, number>, wanted: Record<string, number>): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, seconds] of Object.entries(wanted)) expect(found[name], name).toBeCloseTo(seconds, 6);
}

test("the seconds of the pointer over each part, the map being on the picture", async () => {
  const found = await recorded(FINAL, (find) => {
    rest(find(".picture"), 250);
    rest(find("img.overlay"), 1000);
    rest(find(".overlay-controls input"), 125);
    rest(find(".advice strong"), 500);
    rest(find(".option .label"), 300);
    rest(find("h1"), 4000);
  });
  close(found, { picture: 1.25, map: 1, explanation: 0.125, advice: 0.5, options: 0.3 });
});

test("lines of a case file and the side note have their own seconds", async () => {
  const found = await recorded(CASE_FINAL, (find) => {
    rest(find(".casefile tbody tr:nth-child(2) .value"), 700);
    rest(find(".casefile tbody tr:nth-child(1) .bar"), 200);
    rest(find(".casefile tbody tr:nth-child(2) .value"), 100);
    rest(find(".side-note strong"), 50);
  });
  close(found, { "line:age": 0.2, "line:priors": 0.8, note: 0.05 });
});

test("where the model decides, its headline is its advice", async () => {
  const running = runPlugin(DecisionPlugin, decisionStep(STAGES.handled));
  await vi.advanceTimersByTimeAsync(100);
  const { display, ended } = await running;
  rest(display.querySelector("h1 strong")!, 300);
  rest(display.querySelector(".sure")!, 200);
  press("Enter");
  close((await ended).hover as Record<string, number>, { advice: 0.5 });
});

test("fingers do not rest, and a hidden tab or a pointer that left stops the time", async () => {
  const found = await recorded(FINAL, (find) => {
    rest(find(".picture"), 1000, "touch");
    rest(find(".advice"), 200);
    document.documentElement.dispatchEvent(new Pointing("pointerleave"));
    vi.advanceTimersByTime(5000);
    rest(find(".advice"), 100, "pen");
    document.dispatchEvent(new Event("visibilitychange"));
    vi.advanceTimersByTime(5000);
  });
  close(found, { advice: 0.3 });
});

test("no more parts than the server takes: the ones that were longest in use", async () => {
  const lines = Array.from({ length: 60 }, (_, index) => ({ id: `l${index}`, label: `L${index}`, value: "1", help: "" }));
  const found = await recorded({ ...LONG, case: lines, explanation: null }, (find) => {
    for (let index = 0; index < 60; index++) rest(find(`.casefile tbody tr:nth-child(${index + 1})`), index + 1);
  });
  expect(Object.keys(found)).toHaveLength(50);
  expect(found["line:l59"]).toBeCloseTo(0.06, 6);
  expect(found["line:l9"]).toBeUndefined();
});

test("what was under the pointer before the item appeared counts from its onset", () => {
  const hover = new Hover();
  const part = document.createElement("div");
  document.body.replaceChildren(part);
  hover.add("part", part);
  hover.add("none", null);
  hover.listen(new AbortController().signal);
  rest(part, 3000);
  hover.begin();
  vi.advanceTimersByTime(400);
  close(hover.seconds, { part: 0.4 });
});

test("the onset is a frame after the item is on the page, on the browser's clock", async () => {
  const before = performance.now();
  const running = runPlugin(DecisionPlugin, decisionStep({ ask_confidence: false }));
  await vi.advanceTimersByTimeAsync(100);
  const { ended } = await running;
  await vi.advanceTimersByTimeAsync(250.5);
  press("1", "Digit1");
  press("Enter");
  const data = await ended;
  const onset = data.onset as number;
  expect(onset).toBeGreaterThan(before + 16); // two frames
  expect(onset).toBeLessThan(before + 50);
  expect((data.seconds as number) * 1000).toBeCloseTo(performance.now() - onset, 6);
});
