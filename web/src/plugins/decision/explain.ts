/** The inspector of an explanation, by how it is shown. */
import type { Explanation, Line } from "../../contract";
import type { Tools } from "../tools";
import { Alternatives } from "./alternatives";
import { Bars } from "./bars";
import { Beside } from "./beside";
import type { CaseFile } from "./casefile";
import { Gallery } from "./gallery";
import type { Inspector } from "./inspector";
import { Overlay } from "./overlay";
import { Sentence } from "./sentence";

export interface Explained {
  file: CaseFile | null;
  lines: readonly Line[];
  /** The advice in words; null where there is none. */
  advice: string | null;
}

export function inspect(explanation: Explanation, explained: Explained, tools: Tools): Inspector | null {
  const inspector = made(explanation, explained, tools);
  if (explanation.sentence) inspector?.say(explanation.sentence);
  return inspector;
}

function made(explanation: Explanation, { file, lines, advice }: Explained, tools: Tools): Inspector | null {
  const { kind, picture, bars } = explanation;
  if (kind === "sentence") return new Sentence(advice, tools);
  if (kind === "examples") return new Gallery(explanation.examples ?? [], lines, tools);
  if (kind === "counterfactuals") return new Alternatives(explanation.counterfactuals ?? [], tools);
  if (kind === "bars") return bars && file ? new Bars(bars, file, advice, tools) : null;
  if (!picture) return null;
  return kind === "side_by_side" ? new Beside(explanation, picture, tools) : new Overlay(explanation, picture, tools);
}
