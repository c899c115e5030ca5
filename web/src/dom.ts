/** Builds elements from text nodes: study text never passes through an HTML parser. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined>;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    // What ARIA calls true has to be written out: an empty `aria-hidden` hides nothing.
    element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

let serial = 0;

/** An id that no other element of the page has. */
export function freshId(stem: string): string {
  serial += 1;
  return `${stem}-${serial}`;
}

/** A page of the session: one heading, which takes the focus so that the page is announced. */
export function showPage(container: HTMLElement, kind: string, heading: string, ...children: Child[]): HTMLElement {
  const id = freshId("heading");
  const title = el("h1", { id, tabindex: -1 }, heading);
  const page = el("section", { class: `page page-${kind}`, "aria-labelledby": id }, title, ...children);
  container.replaceChildren(page);
  title.focus({ preventScroll: true });
  window.scrollTo?.({ top: 0 });
  return page;
}
