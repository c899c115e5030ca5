import { expect, test } from "vitest";
import { QUESTIONS } from "../../mock/steps";
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
