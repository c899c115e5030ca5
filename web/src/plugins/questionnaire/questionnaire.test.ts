import { expect, test, vi } from "vitest";
import { BRANCHED, QUESTIONS } from "../../mock/steps";
import { button, runPlugin } from "../harness";
import { QuestionnairePlugin } from ".";

const step = { title: "Questions", introduction: "", questions: QUESTIONS, note: "" };
const field = (display: HTMLElement, kind: string) => display.querySelector<HTMLElement>(`.field-${kind}`)!;

test("missing answers are named, and the first takes the focus", async () => {
  const { display } = await runPlugin(QuestionnairePlugin, step);
  button(display, "Continuer").click();
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Il reste 3 questions sans réponse.");
  expect(document.activeElement).toBe(field(display, "slider").querySelector("input"));
  expect(display.querySelectorAll(".field.wrong")).toHaveLength(3);
});

test("a slider is unanswered until touched, and its middle can be the answer", async () => {
  const { display, ended } = await runPlugin(QuestionnairePlugin, { ...step, questions: [QUESTIONS[0]] });
  const slider = field(display, "slider").querySelector("input")!;
  expect(slider.classList.contains("unset")).toBe(true);
  expect(slider.getAttribute("aria-valuetext")).toBe("sans réponse");
  slider.dispatchEvent(new Event("pointerup", { bubbles: true }));
  button(display, "Continuer").click();
  expect((await ended).answers).toEqual({ effort: 50 });
});

test("answers come as numbers, ids, text and null", async () => {
  const { display, ended } = await runPlugin(QuestionnairePlugin, step);
  const slider = field(display, "slider").querySelector("input")!;
  slider.value = "35";
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  field(display, "likert").querySelectorAll("input")[3]!.click();
  const age = field(display, "number").querySelector("input")!;
  age.value = "17";
  button(display, "Continuer").click();
  expect(field(display, "number").textContent).toContain("entre 18 et 99");
  age.value = "30,5";
  button(display, "Continuer").click();
  expect((await ended).answers).toEqual({ effort: 35, trust: 4, field: null, age: 30.5, remark: null });
});

const branched = { ...step, questions: BRANCHED };
const box = (display: HTMLElement, name: string, index: number) => display.querySelectorAll(`.field-${name} input`)[index] as HTMLInputElement;
const hidden = (display: HTMLElement) => [...display.querySelectorAll<HTMLElement>(".field")].map((one) => one.hidden);

test("a question appears right after the answer that asks for it, and what is hidden again is not sent", async () => {
  const { display, ended } = await runPlugin(QuestionnairePlugin, branched);
  expect(hidden(display)).toEqual([false, true, true, false, false]);
  const choices = [...display.querySelectorAll<HTMLInputElement>(".field-choice input")];
  choices[0]!.click();
  expect(hidden(display)).toEqual([false, false, true, false, false]);
  choices[3]!.click();
  choices[4]!.click();
  expect(hidden(display)).toEqual([false, false, false, false, false]);
  expect(display.querySelector("form > [role=status]")?.textContent).toBe("Une autre question est apparue plus bas.");
  choices[1]!.click(); // another answer hides both, the second through the first
  expect(hidden(display)).toEqual([false, true, true, false, false]);
  for (const row of display.querySelectorAll("[data-row]")) row.querySelectorAll("input")[2]!.click();
  box(display, "likert", 6).click();
  button(display, "Continuer").click();
  expect((await ended).answers).toEqual({ used: "no", useful: 3, clear: 3, again: 3, likely: 7 });
});

test("several options come as a list, in their order", async () => {
  const { display, ended } = await runPlugin(QuestionnairePlugin, { ...step, questions: [{ ...BRANCHED[1], show_if: {} }] });
  const inputs = display.querySelectorAll("input");
  inputs[2]!.click();
  inputs[0]!.click();
  button(display, "Continuer").click();
  expect((await ended).answers).toEqual({ which: ["write", "other"] });
});

test("a matrix is a table where there is room and groups where there is not; its answers outlive the change", async () => {
  const wide = Object.assign(new EventTarget(), { matches: true });
  vi.stubGlobal("matchMedia", () => wide);
  const { display, ended } = await runPlugin(QuestionnairePlugin, { ...step, questions: [BRANCHED[3]] });
  const table = display.querySelector("table")!;
  expect([...table.querySelectorAll("thead th")].map((head) => head.textContent)).toEqual(["Non", "Plutôt non", "Ni l’un ni l’autre", "Plutôt oui", "Oui"]);
  const first = table.querySelector("input")!;
  const name = first.getAttribute("aria-labelledby")!.split(" ").map((id) => document.getElementById(id)?.textContent);
  expect(name).toEqual(["Le modèle m’a été utile.", "Non"]);
  first.click();
  wide.matches = false;
  wide.dispatchEvent(new Event("change"));
  expect(display.querySelector("table")).toBeNull();
  expect(display.querySelectorAll(".statement input:checked")).toHaveLength(1);
  button(display, "Continuer").click();
  expect(display.querySelector(".field .problem")?.textContent).toBe("Il reste 2 lignes sans réponse.");
  expect(document.activeElement).toBe(display.querySelector("[data-row=clear] input"));
  for (const id of ["clear", "again"]) (display.querySelectorAll(`[data-row=${id}] input`)[4] as HTMLInputElement).click();
  button(display, "Continuer").click();
  expect((await ended).answers).toEqual({ useful: 1, clear: 5, again: 5 });
});

test("a scale with words at its ends has all its points", async () => {
  const { display } = await runPlugin(QuestionnairePlugin, { ...step, questions: [BRANCHED[4]] });
  expect([...display.querySelectorAll(".point")].map((point) => point.textContent)).toEqual(["1 pas du tout", "2", "3", "4", "5", "6", "7 tout à fait"]);
});

test("a failed attempt is spoken of first, with the focus", async () => {
  const { display } = await runPlugin(QuestionnairePlugin, { ...step, retry: "Encore une fois." });
  expect(document.activeElement).toBe(display.querySelector(".retry"));
});
