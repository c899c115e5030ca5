import type { Block } from "./contract";
import { el } from "./dom";

/** The blocks as elements; `level` is that of their headings. */
export function prose(blocks: readonly Block[], level: "h2" | "h3" = "h2"): HTMLElement {
  return el("div", { class: "prose" }, ...blocks.map((block) => element(block, level)));
}

function element(block: Block, level: "h2" | "h3"): HTMLElement {
  if (block.kind === "heading") return el(level, {}, block.text);
  if (block.kind === "paragraph") return el("p", {}, block.text);
  return el("ul", {}, ...(block.items ?? []).map((item) => el("li", {}, item)));
}

/** Takes the blocks' first heading as the page's own, since a page has one. */
export function splitHeading(blocks: readonly Block[], fallback: string): { heading: string; rest: Block[] } {
  const [first, ...rest] = blocks;
  return first?.kind === "heading" ? { heading: first.text, rest } : { heading: fallback, rest: [...blocks] };
}
