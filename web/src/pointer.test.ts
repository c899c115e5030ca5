import { initJsPsych } from "jspsych";
import { expect, test, vi } from "vitest";
import { extension, following, mouseOf, type Recorded } from "./pointer";

const recorded = (parts: Partial<Recorded>): Recorded => ({ mouse_tracking_data: [], mouse_tracking_targets: {}, ...parts });

test("samples are rows of numbers, and parts of the page are rectangles by name", () => {
  const mouse = mouseOf(
    recorded({
      mouse_tracking_data: [{ x: 10, y: 20.4, t: 5, event: "mousemove" }, { x: 11, y: 21, t: 30, event: "mousedown" }, { x: 11, y: 21, t: 90, event: "mouseup" }],
      mouse_tracking_targets: { ".advice": { x: 1.26, y: 2, width: 300, height: 40 }, ".look": { x: 0, y: 0, width: 5, height: 5 } },
    }),
  );
  expect(mouse.samples).toEqual([[5, 10, 20, 0], [30, 11, 21, 1], [90, 11, 21, 2]]);
  expect(mouse.targets).toEqual({ item: [0, 0, 5, 5], advice: [1.3, 2, 300, 40] });
  expect([mouse.width, mouse.height]).toEqual([innerWidth, innerHeight]);
});

test("a long way is thinned evenly, and keeps its clicks", () => {
  const way = Array.from({ length: 9000 }, (_, place) => ({ x: place, y: 0, t: 20 * place, event: place === 4501 ? "mousedown" : "mousemove" }));
  const { samples } = mouseOf(recorded({ mouse_tracking_data: way }));
  expect(samples.length).toBeLessThanOrEqual(4000);
  expect(samples.length).toBeGreaterThan(2000);
  expect(samples.filter((sample) => sample[3] === 1)).toEqual([[90020, 4501, 0, 1]]);
  const steps = samples.filter((sample) => sample[3] === 0).map((sample) => sample[0]!);
  expect(Math.max(...steps.slice(1).map((time, place) => time - steps[place]!))).toBeLessThanOrEqual(160);
});

test("a page of clicks alone is cut", () => {
  const way = Array.from({ length: 5000 }, (_, place) => ({ x: 0, y: 0, t: place, event: "mouseup" }));
  expect(mouseOf(recorded({ mouse_tracking_data: way })).samples).toHaveLength(4000);
});

test("only trials that ask for it follow the pointer", async () => {
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  const jsPsych = initJsPsych({ display_element: root, extensions: [extension] });
  const results: Record<string, unknown>[] = [];
  class Page {
    static info = { name: "page", version: "1", parameters: {}, data: {} };
    trial(display: HTMLElement): void {
      const look = document.createElement("p");
      look.className = "look";
      display.replaceChildren(look);
      setTimeout(() => {
        window.dispatchEvent(new MouseEvent("mousemove", { clientX: 3, clientY: 4 }));
        setTimeout(() => jsPsych.finishTrial({}), 5);
      }, 5);
    }
  }
  const page = (more: object) => ({ type: Page as never, on_finish: (result: Record<string, unknown>) => results.push(result), ...more });
  await jsPsych.run([page({}), page({ extensions: [following] })]);
  await vi.waitFor(() => expect(results).toHaveLength(2));
  expect(results[0]).not.toHaveProperty("mouse_tracking_data");
  const mouse = mouseOf(results[1] as unknown as Recorded);
  expect(mouse.samples.map((sample) => sample.slice(1))).toEqual([[3, 4, 0]]);
  expect(Object.keys(mouse.targets)).toEqual(["item"]);
});
