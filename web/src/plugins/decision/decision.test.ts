import { expect, test, vi } from "vitest";
import { CASE, CASE_FINAL, decisionStep, ESTIMATE, ESTIMATE_FINAL, FINAL, OPTIONS } from "../../mock/steps";
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

test("a form that is sent before its frame is painted does nothing, and does not load the page anew", async () => {
  const frames: FrameRequestCallback[] = [];
  const held = vi.spyOn(window, "requestAnimationFrame").mockImplementation((callback) => frames.push(callback));
  const running = runPlugin(DecisionPlugin, decisionStep({ ask_confidence: false }));
  await vi.waitFor(() => expect(document.querySelector("section.page form")).not.toBeNull());
  expect(document.querySelector("[data-listening]")).toBeNull();
  document.querySelector<HTMLInputElement>("input[type=radio]")!.checked = true;
  const sent = new SubmitEvent("submit", { cancelable: true });
  document.querySelector("form")!.dispatchEvent(sent);
  expect(sent.defaultPrevented).toBe(true);
  expect(document.querySelector("[role=alert]")?.textContent ?? "").toBe("");
  held.mockRestore();
  while (frames.length) frames.shift()!(performance.now());
  const { display } = await running;
  expect(display.querySelector("[data-listening]")).not.toBeNull();
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

const field = (display: HTMLElement) => display.querySelector<HTMLInputElement>(".estimate-field input")!;
const slider = (display: HTMLElement) => display.querySelector<HTMLInputElement>(".estimate-line input")!;

function type(input: HTMLInputElement, text: string): void {
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function leave(input: HTMLInputElement): void {
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

test("a case file is a table of lines whose meaning opens on demand", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep({ ...CASE, ask_confidence: false }));
  const rows = [...display.querySelectorAll(".casefile tbody tr")];
  expect(rows.map((row) => row.querySelector(".value")?.textContent)).toEqual(["34\u00a0ans", "3", "délit", "0"]);
  expect(display.querySelector("img")).toBeNull();
  expect(display.querySelector(".casefile caption")?.textContent).toBe("Le dossier");
  const named = rows[1]!.querySelector("th")!.getAttribute("aria-labelledby")!.split(" ");
  expect(named.map((id) => document.getElementById(id)?.textContent).join("")).toBe("Infractions antérieures");
  const help = display.querySelector<HTMLElement>(".line-help")!;
  const button = display.querySelector<HTMLButtonElement>(".info")!;
  expect(help.hidden).toBe(true);
  expect(button.getAttribute("aria-label")).toContain("Infractions antérieures");
  button.click();
  expect(help.hidden).toBe(false);
  expect(button.getAttribute("aria-expanded")).toBe("true");
  expect(display.querySelectorAll(".bar")).toHaveLength(0);
  press("2", "Digit2");
  press("Enter");
  expect(await ended).toMatchObject({ decision: "yes", explanation_opened: null });
});

test("bars tell side and weight in words, with what only the model saw", async () => {
  const { display, logged, ended } = await runPlugin(DecisionPlugin, decisionStep({ ...CASE_FINAL, ask_confidence: false }));
  const words = [...display.querySelectorAll("[data-bar]")].map((cell) => cell.textContent);
  expect(words).toEqual([
    "parle contre le conseil, moyennement", "parle pour, fortement", "pas vu par la machine", "parle contre le conseil, faiblement", "parle pour, faiblement",
  ]);
  expect(display.querySelector(".rest")?.textContent).toContain("que seule la machine a vus");
  expect(display.querySelector(".side-note")?.textContent).toContain("en contrat depuis deux ans");
  const fill = display.querySelector<HTMLElement>(".fill")!;
  expect(fill.classList.contains("against")).toBe(true);
  expect(fill.style.width).toBe("21%");
  const legend = display.querySelector<HTMLElement>(".casefile thead")!;
  expect([...legend.querySelectorAll(".bars-legend span")].map((side) => side.textContent)).toEqual(["◂\u00a0parle contre le conseil", "parle pour\u00a0▸"]);
  press("h");
  expect(display.querySelector<HTMLElement>("[data-bar]")!.hidden).toBe(true);
  expect(display.querySelector<HTMLElement>(".rest")!.hidden).toBe(true);
  expect(legend.hidden).toBe(true);
  expect(display.querySelector(".value")?.textContent).toBe("34\u00a0ans");
  press("h");
  press("k");
  press("Enter");
  expect(await ended).toMatchObject({ decision: "no", explanation_opened: true, opacity: null });
  expect(logged).toEqual(["explanation_shown", "explanation_hidden", "explanation_shown", "choice_changed"]);
});

test("a number is typed with a comma, nothing is preset, and what is off the scale is refused", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, ask_confidence: false }));
  expect(field(display).value).toBe("");
  expect(slider(display).getAttribute("aria-valuetext")).toBe("sans réponse");
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Donnez d’abord un nombre.");
  type(field(display), "90");
  expect(slider(display).value).toBe("90");
  type(field(display), "900");
  expect(slider(display).classList.contains("unset")).toBe(true);
  leave(field(display));
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Donnez un nombre entre 0 et 350.");
  expect(field(display).getAttribute("aria-invalid")).toBe("true");
  type(field(display), "12,5");
  expect(field(display).hasAttribute("aria-invalid")).toBe(false);
  leave(field(display));
  expect(slider(display).value).toBe("12.5");
  press("Enter");
  expect(await ended).toMatchObject({ decision: 12.5, delegated: false, changes: 0 });
});

test("the slider and the arrows move the number by its step; a change of mind counts once", async () => {
  const { display, ended, logged } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, ask_confidence: false }));
  slider(display).value = "100";
  slider(display).dispatchEvent(new Event("input"));
  slider(display).dispatchEvent(new Event("change"));
  expect(field(display).value).toBe("100");
  field(display).dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true, cancelable: true }));
  expect(field(display).value).toBe("100,5");
  type(field(display), "1");
  type(field(display), "14");
  type(field(display), "140");
  leave(field(display));
  press("Enter");
  expect(await ended).toMatchObject({ decision: 140, changes: 2 });
  expect(logged).toEqual(["choice_changed", "choice_changed", "choice_changed"]);
});

test("confirming takes the number that is still being typed, and counts it as a change", async () => {
  const { display, ended, logged } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, ask_confidence: false }));
  slider(display).value = "100";
  slider(display).dispatchEvent(new Event("input"));
  slider(display).dispatchEvent(new Event("change"));
  type(field(display), "140");
  display.querySelector("form")!.requestSubmit(); // what Enter in a field does
  expect(await ended).toMatchObject({ decision: 140, changes: 1 });
  expect(logged).toEqual(["choice_changed", "choice_changed"]);
});

test("a digit goes to the field wherever the focus is, and replaces what is there", async () => {
  const { display } = await runPlugin(DecisionPlugin, decisionStep(ESTIMATE));
  press("4", "Digit4");
  expect(document.activeElement).toBe(field(display));
  type(field(display), "42");
  display.querySelector<HTMLInputElement>(".step input")!.focus();
  press("7", "Digit7");
  expect(document.activeElement).toBe(field(display));
  expect([field(display).selectionStart, field(display).selectionEnd]).toEqual([0, 2]);
});

test("thousands are grouped by nobody: what the slider writes is read back", async () => {
  const parts = { ...ESTIMATE, scale: { low: 0, high: 60000, step: 100, unit: "€" }, ask_confidence: false };
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep(parts), "en");
  slider(display).value = "1200";
  slider(display).dispatchEvent(new Event("input"));
  slider(display).dispatchEvent(new Event("change"));
  expect(field(display).value).toBe("1200");
  press("Enter");
  expect(await ended).toMatchObject({ decision: 1200 });
});

test("the unset slider is taken in its middle with the space bar", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, ask_confidence: false }));
  expect(slider(display).classList.contains("unset")).toBe(true);
  slider(display).dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
  expect(slider(display).classList.contains("unset")).toBe(false);
  expect(slider(display).getAttribute("aria-valuetext")).toBe("175\u00a0points");
  press("Enter");
  expect(await ended).toMatchObject({ decision: 175, changes: 0 });
});

test("an estimate can be handed over and taken back, and the confidence goes and comes with it", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, may_delegate: true }));
  const confidence = display.querySelector<HTMLFieldSetElement>(".confidence")!;
  const delegate = display.querySelector<HTMLInputElement>(".delegate input")!;
  delegate.click();
  expect(confidence.disabled).toBe(true);
  delegate.click();
  expect(confidence.disabled).toBe(false);
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Donnez d’abord un nombre.");
  delegate.click();
  type(field(display), "3");
  expect([delegate.checked, confidence.disabled]).toEqual([false, false]);
  delegate.click();
  press("Enter");
  expect(await ended).toMatchObject({ decision: null, delegated: true, confidence: null });
});

test("an attention check on a scale shows the number's field alone", async () => {
  const { display } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, case: [], instruction: "Répondez 240.", ask_confidence: false }));
  expect(display.querySelector(".instruction")?.textContent).toBe("Répondez 240.");
  expect(display.querySelector(".casefile, img, .options, .confidence")).toBeNull();
  expect(field(display).value).toBe("");
});

test("the final estimate shows both numbers on the scale, and K keeps the first one", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE_FINAL, ask_confidence: false }));
  expect(display.querySelector(".own")?.textContent).toContain("120,5\u00a0points");
  expect(display.querySelector(".advice")?.textContent).toContain("164\u00a0points");
  expect([...display.querySelectorAll(".mark")].map((mark) => mark.textContent)).toEqual(["vous 120,5", "machine 164"]);
  expect(display.querySelectorAll<HTMLElement>("[data-bar]")[3]!.textContent).toBe("ne pèse pas");
  press("k");
  press("Enter");
  expect(await ended).toMatchObject({ decision: 120.5, changes: 0 });
});

test("no thumb stands on the slider while the field says what is off the scale", async () => {
  const { display } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, ask_confidence: false }));
  type(field(display), "90");
  expect(slider(display).classList.contains("unset")).toBe(false);
  type(field(display), "900");
  expect(slider(display).classList.contains("unset")).toBe(true);
  expect(slider(display).getAttribute("aria-valuetext")).toBe("sans réponse");
  leave(field(display));
  press("Enter");
  expect(display.querySelector("form")).not.toBeNull();
});

test("the bars name the advice they speak of, in both languages, and none where it is hidden", async () => {
  const title = async (parts: object, language: string) => {
    const { display } = await runPlugin(DecisionPlugin, decisionStep({ ...CASE_FINAL, ...parts }), language);
    return display.querySelector(".overlay-title")?.textContent;
  };
  expect(await title({}, "fr")).toBe("Ce qui a pesé dans le conseil «\u00a0Oui\u00a0»");
  expect(await title({}, "en")).toBe("What weighed in the advice “Oui”");
  expect(await title({ advice: null }, "en")).toBe("What weighed for the machine");
});

test("the refusal of a number and the side note are said in English too", async () => {
  const { display } = await runPlugin(DecisionPlugin, decisionStep({ ...ESTIMATE, note: "A fact", ask_confidence: false }), "en");
  type(field(display), "-1");
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Give a number between 0 and 350.");
  expect(display.querySelector(".side-note")?.textContent).toBe("Only you know this: the machine does notA fact");
});
