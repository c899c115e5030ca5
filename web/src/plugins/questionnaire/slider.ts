/** A line to be touched: it has no answer, and no mark that suggests one, before that. */
import type { Question } from "../../contract";
import { el, freshId } from "../../dom";
import { number } from "../../format";
import type { Tools } from "../tools";
import { type Field, fieldset, single } from "./field";

export function sliderField(question: Question, tools: Tools): Field {
  const { low, high, step, labels = [] } = question;
  const id = freshId(question.id);
  const middle = low + Math.round((high - low) / step / 2) * step;
  const input = el("input", { id, type: "range", class: "unset", min: low, max: high, step, value: middle, "aria-valuetext": tools.strings.notAnswered });
  const output = el("output", { for: id }, "–");
  const hint = el("p", { class: "hint", "aria-hidden": true }, tools.strings.sliderHint);
  let touched = false;
  const take = (): void => {
    touched = true;
    input.classList.remove("unset");
    hint.hidden = true;
    output.textContent = number(Number(input.value), tools.language);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", take);
  // The middle is an answer too, though choosing it moves nothing.
  input.addEventListener("pointerup", take);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    take();
  });
  const ends = el("div", { class: "ends", "aria-hidden": true }, el("span", {}, labels[0] ?? ""), hint, el("span", {}, labels.at(-1) ?? ""));
  const element = fieldset(question, tools, null, el("div", { class: "slider" }, input, output), ends);
  const between = labels.length > 1 ? ` (${labels[0]} – ${labels.at(-1)})` : "";
  input.setAttribute("aria-label", question.text + between);
  return single(question, tools, element, () => input.focus(), () => (touched ? Number(input.value) : null));
}
