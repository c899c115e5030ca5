/** A further language's words, as the server has them, turned into the words that the pages use. */
import { en, type Strings } from "./en";

/** A text with {0}, {1}, or forms of it by the classes of the last numbers: `one`, `other`, `none other` … */
export type Template = string | Record<string, string>;

/** A language's words by name: templates, lists, and named texts. */
export type Words = Record<string, Template | string[]>;

/** The words of a language; English ones where it lacks some. */
export function speak(words: Words, language: string): Strings {
  const spoken = Object.entries(en).map(([key, english]) => {
    const own = words[key];
    if (own === undefined) return [key, english];
    return [key, typeof english === "function" ? (...values: unknown[]) => say(own as Template, values, language) : own];
  });
  return Object.fromEntries(spoken) as Strings;
}

function say(template: Template, values: unknown[], language: string): string {
  const text = typeof template === "string" ? template : chosen(template, values, language);
  return text.replace(/\{(\d)\}/g, (_, place: string) => written(values[Number(place)], language));
}

/** The form for these numbers; a class that has none of its own takes `other`. */
function chosen(forms: Record<string, string>, values: unknown[], language: string): string {
  const deciding = Object.keys(forms)[0]?.split(" ").length ?? 0;
  const keys = values
    .slice(-deciding)
    .map((value) => classOf(value, language))
    .reduce<string[]>((found, name) => found.flatMap((key) => [`${key} ${name}`, `${key} other`]), [""]);
  return forms[keys.map((key) => key.trim()).find((key) => key in forms) ?? ""] ?? "";
}

/** `none` for nothing and for less than one; else the language's own class of number: `one`, `few`, `other` … */
function classOf(value: unknown, language: string): string {
  if (value === null || value === undefined) return "none";
  if (typeof value !== "number") return "other";
  return value < 1 ? "none" : new Intl.PluralRules(language).select(value);
}

function written(value: unknown, language: string): string {
  return typeof value === "number" ? new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value) : String(value);
}
