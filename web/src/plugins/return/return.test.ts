import { expect, test, vi } from "vitest";
import { moment } from "../../format";
import { button, runPlugin } from "../harness";
import { calendarEntry } from "./calendar";
import { ReturnPlugin } from ".";

vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x" }));

test("before its time: the day, the link and no way on", async () => {
  const opens = new Date(Date.now() + 86_400_000);
  const { display } = await runPlugin(ReturnPlugin, { title: "À bientôt", blocks: [], opens: opens.toISOString() });
  expect(display.querySelector("time")?.getAttribute("datetime")).toBe(opens.toISOString());
  expect(display.querySelector(".link")?.textContent).toBe("https://example.org/take#session=abc");
  expect(display.querySelector<HTMLElement>(".actions")?.hidden).toBe(true);
});

test.each([null, "2020-01-01T00:00:00Z"])("when it is time (%s), the way on", async (opens) => {
  const { display, ended } = await runPlugin(ReturnPlugin, { title: "À bientôt", blocks: [], opens });
  expect(display.querySelector(".appointment")).toBeNull();
  button(display, "Continuer").click();
  await ended;
});

test("day and hour in the language's own way", () => {
  const time = new Date("2026-03-03T13:05:00Z");
  expect(moment(time, "fr", "Europe/Paris")).toEqual({ day: "Mardi 3 mars 2026", hour: "14:05 UTC+1" });
  expect(moment(time, "en", "Europe/London").day).toBe("Tuesday, March 3, 2026");
});

test("a calendar entry folds its lines at 75 octets and escapes what has a meaning there", () => {
  const entry = calendarEntry(new Date("2026-03-03T13:05:00Z"), "À bientôt, deux; trois ".repeat(6), "https://example.org/take#session=abc");
  const lines = entry.split("\r\n");
  expect(lines.every((line) => new TextEncoder().encode(line).length <= 75)).toBe(true);
  expect(entry).toContain("DTSTART:20260303T130500Z\r\n");
  expect(entry.replaceAll("\r\n ", "")).toContain("SUMMARY:À bientôt\\, deux\\; trois");
});
