import { en, type Strings } from "./en";
import { fr } from "./fr";
import { speak, type Words } from "./speak";

export type { Strings } from "./en";

const known: Record<string, Strings> = { en, fr };

/** The interface's words; those of a language that nobody taught are the English ones. */
export function strings(language: string): Strings {
  return known[language] ?? known[language.split("-")[0]?.toLowerCase() ?? ""] ?? en;
}

/** Teaches the study's languages beyond those that the pages come with. */
export async function learn(languages: readonly string[], words: (language: string) => Promise<Words>): Promise<void> {
  for (const language of languages) known[language] ??= speak(await words(language), language);
}

/** The first wish that the study offers, else its own first language. */
export function pickLanguage(wishes: readonly (string | null)[], offered: readonly string[]): string {
  for (const wish of wishes) {
    if (!wish) continue;
    const exact = offered.find((language) => language.toLowerCase() === wish.toLowerCase());
    const close = offered.find((language) => language.split("-")[0] === wish.toLowerCase().split("-")[0]);
    if (exact ?? close) return (exact ?? close) as string;
  }
  return offered[0] ?? "en";
}
