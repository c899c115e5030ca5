// Writes the page's words for translators, src/binome/protocol/languages/page/*.yaml, from src/languages/*.ts;
// with --check, fails when the committed files are not current.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { transformWithEsbuild } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = here("../../src/binome/protocol/languages/page/");
const languages = ["en", "fr"];

/** Numbers that no text holds: what a function says with them shows where each of its values goes. */
const MARKS = [901, 902, 903, 904];
const CLASSES = { other: undefined, one: 1, none: null };

async function load(name) {
  const source = here(`../src/languages/${name}.ts`);
  const { code } = await transformWithEsbuild(readFileSync(source, "utf8"), source);
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** A function as a text with {0}, {1}, or as forms of it by the numbers from the first that matters to the last. */
function template(speak) {
  const count = speak.length;
  const marked = (said) => MARKS.reduce((text, mark, place) => text.replaceAll(String(mark), `{${place}}`), said);
  const filled = (text, values) => values.reduce((whole, value, place) => whole.replaceAll(`{${place}}`, String(value)), text);
  const say = (classes) => {
    const values = classes.map((name, place) => (name === "other" ? MARKS[place] : CLASSES[name]));
    try {
      return { said: speak(...values), values };
    } catch {
      return null; // a value that is never null
    }
  };
  const other = Array(count).fill("other");
  const whole = marked(say(other).said);
  const differs = (classes, text) => {
    const found = say(classes);
    return found !== null && found.said !== filled(text, found.values);
  };
  const first = other.findIndex((_, place) => ["one", "none"].some((name) => differs(other.with(place, name), whole)));
  if (first < 0) return whole;
  const forms = { [other.slice(first).join(" ")]: whole };
  for (const classes of combinations(count - first)) {
    const all = [...other.slice(0, first), ...classes];
    const known = fallback(forms, classes);
    if (differs(all, known)) forms[classes.join(" ")] = marked(say(all).said);
  }
  return forms;
}

/** The form that the page takes for classes of numbers which have none of their own. */
function fallback(forms, classes) {
  const wanted = classes.reduce((keys, name) => keys.flatMap((key) => [[...key, name], [...key, "other"]]), [[]]);
  return forms[wanted.map((key) => key.join(" ")).find((key) => key in forms)];
}

function combinations(length) {
  const names = Object.keys(CLASSES);
  return Array.from({ length }).reduce((all) => all.flatMap((one) => names.map((name) => [...one, name])), [[]]);
}

let stale = false;
mkdirSync(target, { recursive: true });
for (const language of languages) {
  const words = (await load(language))[language];
  const lines = Object.entries(words).map(([key, value]) => `${key}: ${JSON.stringify(typeof value === "function" ? template(value) : value)}`);
  const text = `# Made by \`npm run words\` from web/src/languages/${language}.ts; do not edit.\n${lines.join("\n")}\n`;
  const file = `${target}${language}.yaml`;
  if (!process.argv.includes("--check")) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, "utf8") !== text) stale = true;
}
if (stale) {
  console.error("src/binome/protocol/languages/page is not current: run `npm run words` and commit the result.");
  process.exit(1);
}
