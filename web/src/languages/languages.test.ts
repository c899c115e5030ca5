import { expect, test } from "vitest";
import { percent } from "../format";
import { en } from "./en";
import { fr } from "./fr";
import { pickLanguage, strings } from ".";

function said(value: unknown): string {
  if (typeof value === "function") return (value as (...args: number[]) => string)(2, 3);
  return typeof value === "object" && value !== null ? Object.values(value).join(" ") : String(value);
}

test("French typography: no breaking space before high punctuation, no straight apostrophe", () => {
  for (const [key, value] of Object.entries(fr)) {
    expect(said(value), key).not.toMatch(/ [;:!?%»]|« |'/);
    expect(said(value), key).not.toMatch(/[^\s\u00a0\u202f][;!?:](?!\/)/);
  }
});

test("every string says something in both languages", () => {
  for (const key of Object.keys(en) as (keyof typeof en)[]) {
    expect(said(en[key]).length, key).toBeGreaterThan(1);
    expect(said(fr[key]).length, key).toBeGreaterThan(1);
  }
});

test("percentages in each language's way, without rounding to certainty", () => {
  expect(percent(0.873, "en")).toBe("87%");
  expect(percent(0.873, "fr")).toMatch(/^87[\u00a0\u202f]%$/);
  expect(percent(0.9964, "fr")).toMatch(/^99,6[\u00a0\u202f]%$/);
  expect(percent(1, "en")).toBe("100%");
});

test("the first wish that the study offers", () => {
  expect(pickLanguage([null, "fr-CA", "en"], ["en", "fr"])).toBe("fr");
  expect(pickLanguage(["de"], ["fr", "en"])).toBe("fr");
  expect(strings("de")).toBe(en);
  expect(strings("fr-BE")).toBe(fr);
});
