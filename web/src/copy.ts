import { el } from "./dom";
import type { Strings } from "./languages";

/** A button that copies `text`; where the browser refuses, `source` is selected, ready to be copied by hand. */
export function copyButton(text: string, source: HTMLElement, strings: Strings, label = strings.copy): HTMLElement {
  const button = el("button", { type: "button" }, label);
  const said = el("span", { class: "visually-hidden", role: "status" });
  const done = (): void => {
    button.textContent = strings.copied;
    said.textContent = strings.copied;
  };
  const byHand = (): void => getSelection()?.selectAllChildren(source);
  button.addEventListener("click", () => {
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, byHand);
    else byHand(); // no clipboard outside https
  });
  return el("span", { class: "copy" }, button, said);
}
