import { expect, test, vi } from "vitest";
import { en } from "./languages/en";
import { fr } from "./languages/fr";
import { Shell } from "./shell";

function shell(): { shell: Shell; root: HTMLElement } {
  const root = document.createElement("div");
  document.body.replaceChildren(root);
  document.documentElement.lang = "en";
  return { shell: new Shell(root, en, async () => undefined), root };
}

test("a caution is said once, in the page's language, until it is put away", async () => {
  const { shell: own, root } = shell();
  own.caution("cautionStorage");
  own.caution("cautionStorage");
  expect(root.querySelectorAll(".caution")).toHaveLength(1);
  expect(root.querySelector(".caution p")?.textContent).toBe(en.cautionStorage);
  document.documentElement.lang = "fr";
  await vi.waitFor(() => expect(root.querySelector(".caution p")?.textContent).toBe(fr.cautionStorage));
  root.querySelector<HTMLElement>(".caution button")?.click();
  expect(root.querySelector(".caution")).toBeNull();
});

test("waiting is said after a moment, a slow line much later, nothing once it is over", async () => {
  vi.useFakeTimers();
  const { shell: own, root } = shell();
  const said = () => root.querySelector(".waiting")?.textContent;
  own.wait("Sending…");
  await vi.advanceTimersByTimeAsync(300);
  expect(said()).toBe("");
  await vi.advanceTimersByTimeAsync(200);
  expect(said()).toBe("Sending…");
  await vi.advanceTimersByTimeAsync(6000);
  expect(said()).toBe(`Sending… ${en.slow}`);
  own.ready();
  expect(said()).toBe("");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said()).toBe("");
  vi.useRealTimers();
});

test("a session that goes on no more has no progress, and keeps its help", () => {
  const { shell: own, root } = shell();
  own.speak(en, "en");
  const meter = root.querySelector<HTMLElement>("[role=progressbar]");
  own.showProgress({ done: 1, total: 4, minutes_left: 3 });
  expect(meter?.hidden).toBe(false);
  own.showProgress({ done: 0, total: 0, minutes_left: 0 });
  expect(meter?.hidden).toBe(true);
  expect(root.querySelector(".top-tools button")?.textContent).toBe("Help");
});
