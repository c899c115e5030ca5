import { expect, test } from "vitest";
import type { DecisionStep } from "../../contract";
import { FINAL, STAGES } from "../../mock/steps";
import { button, press } from "../harness";
import { outcome, radio, run, stopClocks, text } from "./trial_run";

stopClocks();

test("a reason is asked for when the answer is another one, and only then", async () => {
  const shown = await run({ ...FINAL, ask_confidence: false, ask_reason: true });
  const field = shown.display.querySelector<HTMLTextAreaElement>(".reason textarea")!;
  const reason = field.closest<HTMLElement>(".reason")!;
  expect(reason.hidden).toBe(true);
  expect(shown.display.querySelector(`label[for="${field.id}"]`)?.textContent).toBe("Pourquoi avez-vous changé de réponse\u202f?");
  expect([field.maxLength, field.required]).toEqual([2000, true]);
  press("5", "Digit5");
  expect(reason.hidden).toBe(false);
  field.value = "   ";
  press("Enter");
  expect(text(shown.display, "[role=alert]")).toContain("pourquoi");
  expect(document.activeElement).toBe(field);
  field.value = " Le col. ";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  expect(text(shown.display, "[role=alert]")).toBe("");
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ decision: "manteau", reason: "Le col." });
});

test("what is typed as a reason is no key of the page", async () => {
  const shown = await run({ ...FINAL, ask_confidence: false, ask_reason: true });
  press("5", "Digit5");
  const field = shown.display.querySelector("textarea")!;
  for (const key of ["k", "h", "1", "Enter"]) field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  expect(radio(shown.display, "manteau").checked).toBe(true);
  expect(shown.display.querySelector<HTMLElement>(".overlay")!.hidden).toBe(false);
  expect(await outcome(shown)).toBeNull();
});

test("an answer that is kept, or changed back, needs no reason", async () => {
  const shown = await run({ ...FINAL, ask_confidence: false, ask_reason: true });
  press("5", "Digit5");
  shown.display.querySelector("textarea")!.value = "Le col.";
  press("k");
  expect(shown.display.querySelector<HTMLElement>(".reason")!.hidden).toBe(true);
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ decision: "robe", reason: null, changes: 1 });
});

test("no reason is asked for where it is not required, or where there was no first answer", async () => {
  for (const parts of [FINAL, { ...FINAL, ask_reason: true, initial: null }]) {
    const { display } = await run(parts);
    expect(display.querySelector(".reason")).toBeNull();
  }
});

test("handing over says what it costs, and how many", async () => {
  const shown = await run(STAGES.delegable!);
  expect(text(shown.display, ".delegate")).toBe("Laisser la machine décidercoûte 2\u00a0points par cas");
  const stepper = shown.display.querySelector<HTMLElement>(".stepper")!;
  expect(stepper.hidden).toBe(true);
  shown.display.querySelector<HTMLInputElement>(".delegate input")!.click();
  expect(stepper.hidden).toBe(false);
  button(stepper, "+").click();
  button(stepper, "+").click();
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ delegated: true, count: 3, decision: null, confidence: null });
});

test("a number of items that was set counts only when they are handed over", async () => {
  const shown = await run({ ...STAGES.delegable!, ask_confidence: false });
  shown.display.querySelector<HTMLInputElement>(".delegate input")!.click();
  button(shown.display, "+").click();
  press("1", "Digit1");
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ delegated: false, count: 1, decision: "t-shirt" });
});

test("one at a time needs no number; a price of nothing is said, none is not", async () => {
  const free = await run({ may_delegate: true, price: 0 });
  expect(text(free.display, ".delegate")).toContain("ne coûte rien");
  expect(free.display.querySelector(".stepper")).toBeNull();
  const none = await run({ may_delegate: true });
  expect(none.display.querySelector(".cost")).toBeNull();
});

test("the score is said in words, with what the last trial brought or cost", async () => {
  const said = async (score: DecisionStep["score"], language: string) => text((await run({ score }, language)).display, ".score");
  expect(await said({ points: 120, last: 10 }, "en")).toBe("120 points+10, the last one brought 10 points");
  expect(await said({ points: 1, last: -2 }, "en")).toBe("1 point−2, the last one cost 2 points");
  expect(await said({ points: -4, last: null }, "fr")).toBe("−4\u00a0points");
  expect(await said({ points: 1.5, last: 0.5 }, "fr")).toBe("1,5\u00a0point+0,5, le dernier cas a rapporté 0,5\u00a0point");
  const { display } = await run({ score: { points: 3, last: 1 } });
  expect(display.querySelector(".last")?.getAttribute("aria-hidden")).toBe("true");
  expect((await run({})).display.querySelector(".score")).toBeNull();
});
