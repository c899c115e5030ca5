import { expect, test } from "vitest";
import { offerStep } from "../../mock/steps";
import { button, press, runPlugin } from "../harness";
import { OfferPlugin } from ".";

const asksHowMany = (display: HTMLElement) => !display.querySelector(".stepper")!.classList.contains("off");

test("nothing is preset, and who decides has to be chosen", async () => {
  const { display, ended } = await runPlugin(OfferPlugin, offerStep());
  expect(display.querySelectorAll("input:checked")).toHaveLength(0);
  expect(document.activeElement?.tagName).toBe("H1");
  expect(asksHowMany(display)).toBe(false);
  press("Enter");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("Choisissez qui décide.");
  press("1", "Digit1");
  expect(display.querySelector("[role=alert]")?.textContent).toBe("");
  press("Enter");
  expect(await ended).toMatchObject({ delegated: false, count: 1 });
});

test("the next ones are handed over together, at their price", async () => {
  const { display, ended } = await runPlugin(OfferPlugin, offerStep());
  expect(display.querySelectorAll(".offer-card")[1]!.textContent).toContain("coûte 2\u00a0points par cas");
  press("2", "Digit2");
  expect(asksHowMany(display)).toBe(true);
  button(display, "+").click();
  button(display, "+").click();
  button(display, "−").click();
  expect(display.querySelector(".offer-total")?.textContent).toBe("4\u00a0points en tout");
  press("Enter");
  const data = await ended;
  expect(data).toMatchObject({ delegated: true, count: 2 });
  expect(data.seconds as number).toBeGreaterThan(0);
});

test("a number that is typed stays between one and the most", async () => {
  const { display, ended } = await runPlugin(OfferPlugin, offerStep(), "en");
  press("2", "Digit2");
  const field = display.querySelector<HTMLInputElement>(".count")!;
  const shown = [];
  for (const typed of ["", "0", "99"]) {
    field.value = typed;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    shown.push(display.querySelector(".offer-total")?.textContent);
    field.dispatchEvent(new Event("change", { bubbles: true }));
    shown.push(field.value);
  }
  expect(shown).toEqual(["2 points in all", "1", "2 points in all", "1", "10 points in all", "5"]);
  expect(button(display, "+").getAttribute("aria-disabled")).toBe("true");
  button(display, "+").click();
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "1", code: "Digit1", bubbles: true })); // a digit, not a choice
  display.querySelector("form")!.requestSubmit(); // what Enter in a field does
  expect(await ended).toMatchObject({ delegated: true, count: 5 });
});

test("changed one's mind: a number that was set does not count for oneself", async () => {
  const { display, ended } = await runPlugin(OfferPlugin, offerStep());
  press("2", "Digit2");
  button(display, "+").click();
  press("1", "Digit1");
  expect(asksHowMany(display)).toBe(false);
  press("Enter");
  expect(await ended).toMatchObject({ delegated: false, count: 1 });
});

test("one at a time needs no number, and a study without rewards names no price", async () => {
  const { display, ended } = await runPlugin(OfferPlugin, offerStep({ most: 1, price: null, score: null }));
  expect(display.querySelector(".stepper, .cost, .score")).toBeNull();
  display.querySelectorAll<HTMLInputElement>("input")[1]!.click();
  press("Enter");
  expect(await ended).toMatchObject({ delegated: true, count: 1 });
});

test("confirming twice ends the page once", async () => {
  const { ended } = await runPlugin(OfferPlugin, offerStep());
  press("1", "Digit1");
  press("Enter");
  press("2", "Digit2");
  press("Enter");
  expect(await ended).toMatchObject({ delegated: false });
});
