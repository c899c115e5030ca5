import { expect, test } from "vitest";
import { LINES } from "../../mock/steps";
import { button, runPlugin } from "../harness";
import { FeedbackPlugin } from ".";

test("shows the case file that was decided on", async () => {
  const { display } = await runPlugin(FeedbackPlugin, { correct: true, truth: "Oui", chosen: "Oui", advice: null, picture: null, case: LINES });
  expect([...display.querySelectorAll(".casefile .value")].map((value) => value.textContent)).toEqual(LINES.map((line) => line.value));
  expect(display.querySelector("img")).toBeNull();
});

test("says whether it was right, and what each side said", async () => {
  const { display, ended } = await runPlugin(FeedbackPlugin, { correct: false, truth: "Robe", chosen: "Sac", advice: "Pull", picture: null });
  expect(display.querySelector("h1")?.textContent).toBe("Mauvaise réponse");
  expect([...display.querySelectorAll("dd")].map((fact) => fact.textContent)).toEqual(["Robe", "Sac", "Pull"]);
  button(display, "Continuer").click();
  await ended;
});
