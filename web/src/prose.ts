import type { Block, Picture } from "./contract";
import { el } from "./dom";
import type { Tools } from "./plugins/tools";

/** The blocks as elements. */
export function prose(blocks: readonly Block[], tools: Tools): HTMLElement {
  return el("div", { class: "prose" }, ...blocks.map((block) => element(block, tools)));
}

function element(block: Block, tools: Tools): HTMLElement {
  if (block.kind === "heading") return el("h2", {}, block.text);
  if (block.kind === "paragraph") return el("p", {}, block.text);
  if (block.kind === "picture") return shown(block.picture as Picture, tools);
  return el("ul", {}, ...(block.items ?? []).map((item) => el("li", {}, item)));
}

/** A picture with its room kept; where it does not come, the page goes on with what is said of it. */
function shown(picture: Picture, tools: Tools): HTMLElement {
  const image = el("img", { width: picture.width, height: picture.height, alt: picture.alt });
  tools.show(image, picture).catch((error: unknown) => tools.log("picture_failed", { alt: picture.alt, error: String(error) }));
  return el("figure", { class: "told" }, image);
}

/** Takes the blocks' first heading as the page's own, since a page has one. */
export function splitHeading(blocks: readonly Block[], fallback: string): { heading: string; rest: Block[] } {
  const [first, ...rest] = blocks;
  return first?.kind === "heading" ? { heading: first.text, rest } : { heading: fallback, rest: [...blocks] };
}
