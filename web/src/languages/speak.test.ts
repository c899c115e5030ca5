import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "./en";
import { fr } from "./fr";
import { learn, strings } from ".";
import { speak, type Words } from "./speak";

type Say = (...values: unknown[]) => string;

/** The words that `npm run words` wrote for translators: one line of JSON a word. */
function written(language: string): Words {
  const file = readFileSync(`../src/binome/protocol/languages/page/${language}.yaml`, "utf8");
  const lines = file.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(": ")), JSON.parse(line.slice(line.indexOf(": ") + 2))]));
}

test.each([
  ["en", en],
  ["fr", fr],
])("the words for translators say what the pages say, in %s (else: npm run words)", (language, own) => {
  const spoken = speak(written(language), language) as unknown as Record<string, unknown>;
  expect(Object.keys(written(language))).toEqual(Object.keys(own));
  for (const [key, value] of Object.entries(own)) {
    if (typeof value !== "function") expect(spoken[key], key).toEqual(value);
    else {
      for (const values of [[7, 12], [1, 12], [12, 1]].map((all) => all.slice(0, value.length))) {
        expect((spoken[key] as Say)(...values), key).toBe((value as Say)(...values));
      }
    }
  }
});

test("forms by number, and none for nothing", () => {
  for (const spoken of [speak(written("en"), "en"), en]) {
    expect(spoken.minutesLeft(0.4)).toBe("less than a minute left");
    expect(spoken.minutesLeft(2.6)).toBe("about 3 min left");
    expect(spoken.regionsClear("20%", null)).toBe("Clear: the 20% of the picture that weighed most");
    expect(spoken.regionsClear("20%", 1)).toContain("the area of the 20%");
    expect(spoken.regionsClear("20%", 3)).toContain("up to 3 areas of the 20%");
    expect(spoken.hiddenChanges(1, 0)).toBe("What would change is one line which only the machine saw.");
    expect(spoken.hiddenChanges(2, 4)).toBe("And 2 lines more, which only the machine saw.");
  }
});

test("a language with more classes of number than English", () => {
  const polish = speak({ missing: { other: "{0} pytania", one: "jedno pytanie", few: "{0} pytania!", many: "{0} pytań" } }, "pl");
  expect([1, 2, 5].map((count) => polish.missing(count))).toEqual(["jedno pytanie", "2 pytania!", "5 pytań"]);
  expect(polish.cancel).toBe(en.cancel);
});

test("languages of the study are learnt once, and those of the pages never", async () => {
  const asked: string[] = [];
  const words = (language: string): Promise<Words> => {
    asked.push(language);
    return Promise.resolve({ cancel: "Abbrechen" });
  };
  await learn(["en", "de"], words);
  await learn(["de", "fr"], words);
  expect(asked).toEqual(["de"]);
  expect([strings("de").cancel, strings("de-AT").cancel, strings("fr").cancel]).toEqual(["Abbrechen", "Abbrechen", fr.cancel]);
});
