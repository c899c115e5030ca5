import { expect, test, vi } from "vitest";
import { CASE, CASE_FINAL, CASE_SHOWN, ESTIMATE, SHOWN, STAGES } from "../../mock/steps";
import { button, press } from "../harness";
import { after, EMPTY, outcome, radio, run, stopClocks, text } from "./trial_run";

stopClocks();

test("open: the advice is asked for by the button, which is not the main one, and nothing else is needed", async () => {
  const shown = await run(STAGES.open!);
  const ask = button(shown.display, "Demander le conseil");
  expect(ask.classList.contains("primary")).toBe(false);
  expect(shown.display.querySelectorAll(".actions .primary")).toHaveLength(1);
  ask.click();
  expect(await outcome(shown)).toMatchObject({ ...EMPTY, requested: true });
});

test("open: M asks too, unless M is an answer's key", async () => {
  const asked = await run(STAGES.open!);
  press("m");
  expect(await outcome(asked)).toMatchObject({ requested: true, decision: null });
  const taken = await run({ ...STAGES.open!, options: [{ id: "yes", label: "Oui", key: "m" }, { id: "no", label: "Non", key: "n" }] });
  expect(taken.display.querySelector(".request kbd")).toBeNull();
  press("m");
  expect(radio(taken.display, "yes").checked).toBe(true);
  expect(await outcome(taken)).toBeNull();
});

test("open: an answer without asking is an answer", async () => {
  const shown = await run({ ...STAGES.open!, ask_confidence: false });
  press("4", "Digit4");
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ ...EMPTY, decision: "robe" });
});

test("no other stage offers to ask", async () => {
  for (const stage of ["initial", "final", "single"] as const) {
    const { display } = await run({ stage });
    expect(display.querySelector(".request")).toBeNull();
  }
});

test("wait: nothing can be answered or skipped, and the page goes on when the time is over", async () => {
  const shown = await run(STAGES.wait!);
  expect(shown.display.querySelector("input, button, .advice, .time [aria-live]")).toBeNull();
  expect(text(shown.display, "[role=timer]")).toBe("Le conseil de la machine arrive dans 8\u00a0s");
  press("Enter");
  press("1", "Digit1");
  await after(7.5);
  expect(await outcome(shown)).toBeNull();
  expect(text(shown.display, "[role=timer]")).toBe("Le conseil de la machine arrive dans 1\u00a0s");
  expect(text(shown.display, "[role=status]")).toBe("");
  await after(0.5);
  const data = await outcome(shown);
  expect(data).toMatchObject(EMPTY);
  expect(data!.seconds as number).toBeCloseTo(8, 1);
});

test("after a delay there was no first answer: the answer is not called the final one", async () => {
  const { display } = await run(STAGES.delayed!);
  expect(text(display, ".choice legend")).toBe("Votre réponse");
  expect(display.querySelector(".own")).toBeNull();
  expect(text(display, ".advice")).toContain("Manteau");
});

test("supervised: the model's decision is the headline, and stands without a veto", async () => {
  const shown = await run(STAGES.supervised!);
  expect(text(shown.display, "h1")).toBe("La machine décide\u00a0: Manteau");
  expect(shown.display.textContent).toContain("Quel vêtement est-ce");
  expect(shown.display.querySelector(".options")).toBeNull();
  expect(text(shown.display, ".guide")).toBe("Sans veto, cette décision est retenue. Un veto coûte 2\u00a0points.");
  press("1", "Digit1"); // no answer without a veto
  press("Enter");
  await after(5.5);
  expect(await outcome(shown)).toBeNull();
  await after(0.5);
  expect(await outcome(shown)).toMatchObject({ ...EMPTY, changes: 0, explanation_opened: true });
  expect(shown.logged).not.toContain("choice_changed");
});

test("supervised: the time goes on while the tab is hidden", async () => {
  const shown = await run(STAGES.supervised!);
  vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  await after(6);
  const data = await outcome(shown);
  expect(data).toMatchObject({ vetoed: false, decision: null });
  expect(data!.explanation_seconds as number).toBeLessThan(1); // out of sight, though
});

test("supervised: V stops the time and opens the answers; confirmed, the veto carries the decision", async () => {
  const shown = await run(STAGES.supervised!);
  await after(2);
  press("v");
  expect(text(shown.display, "[role=timer]")).toBe("Le temps est arrêté");
  expect(document.activeElement).toBe(radio(shown.display, "t-shirt"));
  expect(shown.display.querySelectorAll("input[type=radio]:checked")).toHaveLength(0);
  await after(60);
  expect(await outcome(shown)).toBeNull();
  press("Enter");
  expect(text(shown.display, "[role=alert]")).toBe("Choisissez d’abord une réponse.");
  press("4", "Digit4");
  expect(text(shown.display, "[role=alert]")).toBe("");
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ ...EMPTY, vetoed: true, decision: "robe" });
  expect(shown.logged.filter((name) => name.startsWith("veto"))).toEqual(["veto_opened"]);
});

test("supervised: cancelled by button or Escape, the time that was left goes on", async () => {
  const shown = await run(STAGES.supervised!);
  await after(2);
  button(shown.display, "Mettre mon veto").click();
  await after(30);
  button(shown.display, "Annuler").click();
  expect(document.activeElement?.textContent).toContain("Mettre mon veto");
  expect(text(shown.display, "[role=timer]")).toBe("Veto possible pendant 4\u00a0s");
  await after(1);
  press("v");
  await after(30);
  press("Escape");
  await after(2);
  expect(await outcome(shown)).toBeNull();
  await after(1);
  expect(await outcome(shown)).toMatchObject({ ...EMPTY });
  expect(shown.logged.filter((name) => name.startsWith("veto"))).toEqual(["veto_opened", "veto_cancelled", "veto_opened", "veto_cancelled"]);
});

test("supervised: the model's own decision is no veto", async () => {
  const shown = await run({ ...STAGES.supervised!, ask_confidence: true });
  press("V");
  press("5", "Digit5");
  press("Enter");
  expect(text(shown.display, "[role=alert]")).toContain("décision de la machine");
  expect(await outcome(shown)).toBeNull();
  press("4", "Digit4");
  press("Enter");
  expect(text(shown.display, "[role=alert]")).toContain("sûr");
  shown.display.querySelectorAll<HTMLInputElement>(".confidence input")[2]!.click();
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ vetoed: true, decision: "robe", confidence: 0.5, changes: 1 });
});

test("supervised: an estimate is vetoed with a number", async () => {
  const shown = await run({ ...ESTIMATE, stage: "supervised", veto_seconds: 5, ask_confidence: false, advice: { decision: 164, label: "164\u00a0points", confidence: null } });
  expect(text(shown.display, "h1")).toContain("164\u00a0points");
  expect(shown.display.querySelector(".advice")).toBeNull(); // how sure it is is not told, nor a price
  expect(text(shown.display, ".guide")).toBe("Sans veto, cette décision est retenue.");
  press("v");
  const field = shown.display.querySelector<HTMLInputElement>(".estimate-field input")!;
  expect(document.activeElement).toBe(field);
  field.value = "90";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ vetoed: true, decision: 90 });
});

test("a page that is gone when its time is over ends nothing", async () => {
  const shown = await run(STAGES.wait!);
  shown.display.replaceChildren(); // another tab went on
  await after(20);
  expect(await outcome(shown)).toBeNull();
});

test("handled: told what the model decided, the operator continues", async () => {
  const shown = await run(STAGES.handled!);
  expect(text(shown.display, "h1")).toBe("La machine a décidé\u00a0: Manteau");
  expect(shown.display.querySelector("input, [role=timer]")).toBeNull();
  expect(text(shown.display, ".sure")).toContain("87\u00a0%");
  await after(3);
  press("Enter");
  const data = await outcome(shown);
  expect(data).toMatchObject(EMPTY);
  expect(data!.seconds as number).toBeGreaterThanOrEqual(3);
});

test("mediation: the evidence without a card, and without a word of advice", async () => {
  const parts = [{ ...STAGES.mediated! }, { ...CASE, explanation: CASE_FINAL.explanation! }, { ...CASE, explanation: CASE_SHOWN.sentence! }, { explanation: SHOWN.sentence! }];
  const titles = [];
  for (const part of parts) {
    const { display } = await run({ ...part, stage: "single", advice: null });
    expect(display.querySelector(".advice, .badge, .own")).toBeNull();
    expect(display.querySelector(".switch")).not.toBeNull();
    titles.push(text(display, ".overlay-title"));
  }
  expect(titles).toEqual(["Où la machine a regardé", "Ce qui a pesé pour la machine", "Ce qui a pesé pour la machine", "Ce qui a pesé pour la machine"]);
});

test("a limit: calm words, urgent ones in the last quarter, said aloud once; then it is over", async () => {
  const shown = await run(STAGES.limited!);
  const time = shown.display.querySelector<HTMLElement>(".time")!;
  expect(text(shown.display, "[role=timer]")).toBe("Temps restant\u00a0: 20\u00a0s");
  press("1", "Digit1");
  await after(14);
  expect([time.classList.contains("short"), text(time, "[role=status]")]).toEqual([false, ""]);
  await after(1);
  expect([time.classList.contains("short"), text(time, "[role=timer]")]).toEqual([true, "Vite\u00a0: plus que 5\u00a0s"]);
  await after(2);
  expect([text(time, "[role=timer]"), text(time, "[role=status]")]).toEqual(["Vite\u00a0: plus que 3\u00a0s", "Vite\u00a0: plus que 5\u00a0s"]);
  await after(3);
  // What was chosen but not confirmed is no decision.
  expect(await outcome(shown)).toMatchObject({ ...EMPTY, timed_out: true, changes: 0 });
});

test("a limit over a minute is told in minutes; an answer before it counts, and ends the time", async () => {
  const shown = await run({ ...STAGES.limited_case!, ask_confidence: false });
  expect(text(shown.display, "[role=timer]")).toBe("Temps restant\u00a0: 1:30");
  press("1", "Digit1");
  press("Enter");
  expect(await outcome(shown)).toMatchObject({ ...EMPTY, decision: "no" });
  await after(200);
});
