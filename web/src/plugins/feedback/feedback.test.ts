import { expect, test } from "vitest";
import { button, runPlugin } from "../harness";
import { FeedbackPlugin } from ".";

test("says whether it was right, and what each side said", async () => {
  const { display, ended } = await runPlugin(FeedbackPlugin, { correct: false, truth: "Robe", chosen: "Sac", advice: "Pull", picture: null });
  expect(display.querySelector("h1")?.textContent).toBe("Mauvaise réponse");
  expect([...display.querySelectorAll("dd")].map((fact) => fact.textContent)).toEqual(["Robe", "Sac", "Pull"]);
  button(display, "Continuer").click();
  await ended;
});
