import { expect, test, vi } from "vitest";
import { button, runPlugin } from "../harness";
import { BreakPlugin } from ".";

test("counts down, and lets one go on only when the time is over", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearTimeout", "clearInterval", "performance"], shouldAdvanceTime: true });
  const { display, ended } = await runPlugin(BreakPlugin, { title: "Pause", blocks: [], seconds: 65 });
  expect(display.querySelector(".clock")?.textContent).toBe("1:05");
  expect(button(display, "Continuer").disabled).toBe(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(display.querySelector(".clock")?.textContent).toBe("1:00");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(display.querySelector("[role=status]")?.textContent).toBe("Vous pouvez continuer quand vous voulez.");
  vi.useRealTimers();
  button(display, "Continuer").click();
  await ended;
});

test("a break without a least time is over at once", async () => {
  const { display } = await runPlugin(BreakPlugin, { title: "Pause", blocks: [], seconds: 0 });
  expect(button(display, "Continuer").disabled).toBe(false);
});
