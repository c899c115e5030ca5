import { expect, test } from "vitest";
import { number, readNumber, typedNumber } from "./format";

test.each([
  ["12,5", "fr", 12.5], ["12.5", "fr", 12.5], ["1\u202f234,5", "fr", 1234.5], ["1 200", "fr", 1200], ["1,200", "fr", 1.2],
  ["12,5", "en", 12.5], ["1,200", "en", 1200], ["1,234,567.5", "en", 1_234_567.5], ["12,50", "en", 12.5],
  ["−3", "fr", -3], [".5", "en", 0.5], ["7.", "en", 7],
])("%s in %s is %d", (text, language, value) => {
  expect(readNumber(text, language)).toBe(value);
});

test.each(["", " ", "1e3", "0x10", "Infinity", "1,2,3", "12a", "-", ",", "--1"])("“%s” is no number", (text) => {
  expect(readNumber(text, "en")).toBeNaN();
  expect(readNumber(text, "fr")).toBeNaN();
});

test.each(["en", "fr"])("what is written in %s is read back, to the last digit", (language) => {
  for (const value of [0, 120.5, -0.001, 1200, 1_234_567.25, 0.123456789]) {
    expect(readNumber(typedNumber(value, language), language)).toBe(value);
    if (value * 1e6 === Math.round(value * 1e6)) expect(readNumber(number(value, language), language)).toBe(value);
  }
});
