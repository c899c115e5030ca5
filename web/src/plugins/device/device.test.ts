import { beforeEach, expect, test, vi } from "vitest";
import { button, press, runPlugin } from "../harness";
import { DevicePlugin } from ".";

const step = { title: "Votre écran", blocks: [], width: 800, height: 600, keyboard: true };
const size = (width: number, height: number): void => {
  vi.stubGlobal("innerWidth", width);
  vi.stubGlobal("innerHeight", height);
  window.dispatchEvent(new Event("resize"));
};
beforeEach(() => size(1000, 700));

test("says what does not fit, looks again when the window changes, and goes on only then", async () => {
  size(500, 700);
  const { display, ended } = await runPlugin(DevicePlugin, step);
  const wrong = () => [...display.querySelectorAll(".check:not(.fits) .check-name")].map((name) => name.textContent);
  expect(wrong()).toEqual(["Largeur de la fenêtre", "Clavier"]);
  expect(display.querySelector(".check-mend")?.textContent).toContain("Élargissez la fenêtre");
  let over = false;
  void ended.then(() => (over = true));
  button(display, "Continuer").click();
  await Promise.resolve();
  expect(over).toBe(false);
  expect(display.querySelector(".verdict")?.textContent).toContain("Corrigez d’abord");
  size(801, 600);
  expect(wrong()).toEqual(["Clavier"]);
  press("a");
  expect(wrong()).toEqual([]);
  expect(display.querySelector<HTMLElement>(".link-box")?.hidden).toBe(true);
  button(display, "Continuer").click();
  expect(await ended).toMatchObject({ width: 801, height: 600, keyboard: true, touch: false });
});

test("a keyboard that is not needed is judged by the device's looks", async () => {
  const { display, ended } = await runPlugin(DevicePlugin, { ...step, keyboard: false });
  expect(display.querySelectorAll(".check")).toHaveLength(2);
  button(display, "Continuer").click();
  expect(await ended).toMatchObject({ keyboard: true });
});
