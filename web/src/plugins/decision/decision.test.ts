import { expect, test } from "vitest";
import { decisionStep, FINAL, OPTIONS } from "../../mock/steps";
import { press, runPlugin } from "../harness";
import { DecisionPlugin } from ".";

const radio = (display: HTMLElement, value: string) => display.querySelector<HTMLInputElement>(`input[value="${value}"]`)!;

test("nothing is preset, and nothing can be confirmed before an answer and its confidence", async () => {
  const { display } = await runPlugin(DecisionPlugin, decisionStep());
  expect(display.querySelectorAll("input:checked")).toHaveLength(0);
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Choisissez d’abord une réponse.");
  press("3", "Digit3");
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toContain("sûr");
  expect(display.querySelector("form")).not.toBeNull();
});

test("keys choose, a change counts, Enter confirms, the time runs from the painted frame", async () => {
  const { ended } = await runPlugin(DecisionPlugin, decisionStep({ ask_confidence: false }));
  const before = performance.now();
  press("1", "Digit1");
  press("à", "Digit0"); // the key 0 of a French keyboard, without shift
  await new Promise((resolve) => setTimeout(resolve, 60));
  press("Enter");
  const data = await ended;
  expect(data).toMatchObject({ decision: OPTIONS[9]!.id, delegated: false, confidence: null, changes: 1, explanation_opened: null });
  expect(data.seconds as number).toBeGreaterThanOrEqual(0.055);
  expect(data.seconds as number).toBeLessThan((performance.now() - before) / 1000 + 0.2);
});

test("the final stage shows both answers, keeps with K and hides the map with H", async () => {
  const { display, ended, logged } = await runPlugin(DecisionPlugin, decisionStep({ ...FINAL, ask_confidence: false }));
  expect(display.querySelector(".advice")?.textContent).toContain("Manteau");
  expect(display.querySelector(".advice")?.textContent).toContain("87\u202f%".replace("\u202f", "\u00a0"));
  expect(display.querySelector(".own")?.textContent).toContain("Robe");
  const overlay = display.querySelector<HTMLElement>(".overlay")!;
  expect(overlay.hidden).toBe(false);
  press("h");
  expect(overlay.hidden).toBe(true);
  press("ArrowLeft");
  press("k");
  expect(radio(display, "robe").checked).toBe(true);
  press("Enter");
  const data = await ended;
  expect(data).toMatchObject({ decision: "robe", changes: 0, explanation_opened: true, opacity: 0.75 });
  expect(data.explanation_seconds as number).toBeLessThan(data.seconds as number);
  expect(logged).toEqual(["explanation_shown", "explanation_hidden", "opacity_changed", "choice_changed"]);
});

test("delegating is a choice like the others and asks for no confidence", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep({ may_delegate: true }));
  display.querySelector<HTMLInputElement>(".delegate input")!.click();
  press("Enter");
  expect(await ended).toMatchObject({ decision: null, delegated: true, confidence: null });
});

test("confirming twice ends the trial once, and its keys no longer act", async () => {
  const { ended, logged } = await runPlugin(DecisionPlugin, decisionStep({ ask_confidence: false }));
  press("1", "Digit1");
  press("Enter");
  press("2", "Digit2");
  await ended;
  expect(logged).toEqual(["choice_changed"]);
});

test("an attention check shows its instruction and no picture", async () => {
  const { display } = await runPlugin(DecisionPlugin, decisionStep({ picture: null, instruction: "Choisissez Sac." }));
  expect(display.querySelector(".instruction")?.textContent).toBe("Choisissez Sac.");
  expect(display.querySelector("img")).toBeNull();
});
