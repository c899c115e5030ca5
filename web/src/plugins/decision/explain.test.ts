import { expect, test } from "vitest";
import type { Explanation } from "../../contract";
import { CASE_FINAL, CASE_SHOWN, decisionStep, FINAL, SHOWN } from "../../mock/steps";
import { button, press, runPlugin } from "../harness";
import { DecisionPlugin } from ".";

const picture = (explanation: Explanation | undefined) => decisionStep({ ...FINAL, explanation, ask_confidence: false });
const file = (explanation: Explanation | undefined) => decisionStep({ ...CASE_FINAL, explanation, ask_confidence: false });
const end = () => {
  press("k");
  press("Enter");
};

test("contours lie over the picture at full strength, with a line a level and the sentence beneath", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, picture(SHOWN.contour));
  expect([...display.querySelectorAll(".line-samples li")].map((line) => line.textContent)).toEqual(["25\u00a0%", "50\u00a0%", "75\u00a0%"]);
  const samples = [...display.querySelectorAll<HTMLElement>(".line-sample")];
  expect(samples.map((sample) => sample.style.height)).toEqual(["2.5px", "3px", "3.5px"]);
  expect(samples.map((sample) => sample.classList.contains("dark"))).toEqual([true, false, false]);
  const sentence = display.querySelector<HTMLElement>(".sentence")!;
  expect(sentence.textContent).toContain("au centre de l’image");
  press("h");
  expect([sentence.hidden, display.querySelector<HTMLElement>(".overlay")!.hidden]).toEqual([true, true]);
  press("ArrowLeft");
  end();
  expect(await ended).toMatchObject({ opacity: 0.95, explanation_opened: true });
});

test("the veil says how much stays clear, in both languages, with and without a number of areas", async () => {
  const said = async (count: number | null, language: string) => {
    const { display } = await runPlugin(DecisionPlugin, picture({ ...SHOWN.regions!, regions: { share: 0.15, count } }), language);
    return [...display.querySelectorAll(".area-samples li")].map((item) => item.textContent);
  };
  expect(await said(null, "en")).toEqual(["Clear: the 15% of the picture that weighed most", "Veiled: the rest"]);
  expect((await said(2, "en"))[0]).toBe("Clear: up to 2 areas of the 15% of the picture that weighed most");
  expect((await said(1, "fr"))[0]).toBe("Net\u00a0: la zone des 15\u00a0% de l’image qui ont le plus pesé");
});

test("a map beside the picture is hidden in its frame, and has no opacity", async () => {
  const { display, logged, ended } = await runPlugin(DecisionPlugin, picture(SHOWN.side_by_side));
  expect(display.querySelectorAll(".look > .picture")).toHaveLength(2);
  const map = display.querySelector<HTMLElement>("img.map")!;
  press("h");
  expect(map.hidden).toBe(true);
  expect(display.querySelectorAll(".look > .picture")).toHaveLength(2);
  press("ArrowLeft");
  end();
  expect(await ended).toMatchObject({ opacity: null, explanation_opened: true });
  expect(logged).toEqual(["explanation_shown", "explanation_hidden", "choice_changed"]);
});

test("a sentence alone names the advice and can be hidden", async () => {
  for (const step of [picture(SHOWN.sentence), file(CASE_SHOWN.sentence)]) {
    const { display } = await runPlugin(DecisionPlugin, step);
    expect(display.querySelector(".overlay-title")?.textContent).toContain("Ce qui a pesé dans le conseil «");
    expect(display.querySelector(".overlay, .bar")).toBeNull();
    press("h");
    expect(display.querySelector<HTMLElement>(".sentence")!.hidden).toBe(true);
  }
});

test("examples tell their role, how alike they are, and their right answer", async () => {
  const { display, ended } = await runPlugin(DecisionPlugin, picture(SHOWN.examples));
  const cards = [...display.querySelectorAll(".example")];
  expect(cards.map((card) => card.querySelector(".role")?.textContent)).toEqual(["Semblabletrès proche", "Typique", "Semblable, autre réponsepeu proche"]);
  expect(cards.map((card) => card.querySelector("strong")?.textContent)).toEqual(["Manteau", "Manteau", "Pull"]);
  expect(display.querySelectorAll(".example img")).toHaveLength(3);
  expect(display.querySelector(".gallery-body .legend")?.textContent).toContain("proche de celui-ci");
  press("h");
  expect(display.querySelector<HTMLElement>(".gallery-body")!.hidden).toBe(true);
  end();
  expect(await ended).toMatchObject({ explanation_opened: true, opacity: null });
});

test("similarity in words changes at the stated shares", async () => {
  const words = [];
  for (const similarity of [1, 0.9, 0.89, 0.7, 0.69, 0.5, 0.49, 0]) {
    const examples = [{ ...SHOWN.examples!.examples![0]!, similarity }];
    const { display } = await runPlugin(DecisionPlugin, picture({ ...SHOWN.examples!, examples }), "en");
    words.push(display.querySelector(".similarity")?.textContent?.split(" ")[0]);
  }
  expect(words).toEqual(["very", "very", "fairly", "fairly", "somewhat", "somewhat", "little", "little"]);
});

test("an example's case file shows what is different, and folds what is the same", async () => {
  const { display } = await runPlugin(DecisionPlugin, file(CASE_SHOWN.examples));
  const lists = [...display.querySelectorAll(".example dl")].map((list) => list.textContent);
  expect(lists[0]).toBe("Âge36\u00a0ans");
  expect(display.querySelector("summary")?.textContent).toBe("3 lignes sont les mêmes");
  expect(lists[1]).toContain("Infractions antérieures3");
});

test("counterfactuals: one row a changed line, tabs by click and arrows, hidden lines only counted", async () => {
  const { display, logged, ended } = await runPlugin(DecisionPlugin, file(CASE_SHOWN.counterfactuals));
  const panels = [...display.querySelectorAll<HTMLElement>("[role=tabpanel]")];
  const rows = (panel: HTMLElement) => [...panel.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));
  expect(panels.map((panel) => panel.hidden)).toEqual([false, true, true]);
  expect(rows(panels[0]!)).toEqual([["Âge", "34\u00a0ans", "51\u00a0ans"]]);
  expect(panels[0]!.textContent).toContain("la machine dirait «\u00a0Non\u00a0»\u00a0(certitude\u00a0: 61\u00a0%)");
  const tab = button(display, "Possibilité 1");
  tab.focus();
  tab.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true, cancelable: true }));
  expect(document.activeElement?.textContent).toBe("Possibilité 2");
  expect(rows(panels[1]!)).toHaveLength(2);
  expect(panels[1]!.querySelector(".hidden-changes")?.textContent).toBe("Et 2 lignes de plus, que seule la machine a vues.");
  button(display, "Possibilité 3").click();
  expect(panels.map((panel) => panel.hidden)).toEqual([true, true, false]);
  expect(panels[2]!.querySelector("table, .certainty")).toBeNull();
  press("h");
  expect(display.querySelector<HTMLElement>(".alternatives")!.hidden).toBe(true);
  end();
  expect(await ended).toMatchObject({ decision: "no", explanation_opened: true, opacity: null });
  expect(logged).toEqual(["explanation_shown", "alternative_shown", "alternative_shown", "explanation_hidden", "choice_changed"]);
});

test("no counterfactual is said, and one alone needs no tabs", async () => {
  const shown = CASE_SHOWN.counterfactuals!;
  const none = await runPlugin(DecisionPlugin, file({ ...shown, counterfactuals: [] }), "en");
  expect(none.display.querySelector(".alternatives")?.textContent).toBe("No small change was found that would change the advice.");
  const one = await runPlugin(DecisionPlugin, file({ ...shown, counterfactuals: shown.counterfactuals!.slice(0, 1) }), "en");
  expect(one.display.querySelector("[role=tablist]")).toBeNull();
  expect(one.display.querySelector(".alternative")?.textContent).toContain("the machine would say “Non”");
});
