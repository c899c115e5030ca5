/** One step of each kind, for the mock server and the plug-ins' tests. */
import type { DecisionStep, Option, Question } from "../contract";
import type { Step } from "../session";

export const OPTIONS: Option[] = ["T-shirt", "Pantalon", "Pull", "Robe", "Manteau", "Sandale", "Chemise", "Basket", "Sac", "Bottine"].map(
  (label, index) => ({ id: label.toLowerCase(), label, key: String((index + 1) % 10) }),
);

export const QUESTIONS: Question[] = [
  { id: "effort", kind: "slider", text: "Effort", help: "", required: true, low: 0, high: 100, step: 5, labels: ["Bas", "Haut"], options: [] },
  { id: "trust", kind: "likert", text: "Je fais confiance au modèle.", help: "", required: true, low: 1, high: 5, step: 1, labels: ["Non", "Plutôt non", "Ni l’un ni l’autre", "Plutôt oui", "Oui"], options: [] },
  { id: "field", kind: "choice", text: "Domaine", help: "", required: false, low: 0, high: 100, step: 1, labels: [], options: [{ id: "arts", label: "Arts", key: "" }, { id: "sciences", label: "Sciences", key: "" }] },
  { id: "age", kind: "number", text: "Âge", help: "En années", required: true, low: 18, high: 99, step: 1, labels: [], options: [] },
  { id: "remark", kind: "text", text: "Remarques", help: "", required: false, low: 0, high: 100, step: 1, labels: [], options: [] },
];

const picture = (name: string) => ({ url: `/api/media/${name}`, width: 280, height: 280, alt: "" });

export function decisionStep(parts: Partial<DecisionStep> = {}): DecisionStep {
  return {
    kind: "decision",
    index: 0,
    progress: { done: 3, total: 12, minutes_left: 4 },
    preload: [],
    stage: "initial",
    trial: 2,
    trials: 20,
    practice: false,
    question: "Quel vêtement est-ce\u202f?",
    instruction: null,
    picture: picture("a.png"),
    options: OPTIONS,
    ask_confidence: true,
    may_delegate: false,
    initial: null,
    initial_confidence: null,
    advice: null,
    explanation: null,
    ...parts,
  };
}

export const FINAL: Partial<DecisionStep> = {
  stage: "final",
  initial: "robe",
  initial_confidence: 0.5,
  advice: { decision: "manteau", label: "Manteau", confidence: 0.873 },
  explanation: { picture: picture("b.png"), legend: { colours: ["#000004", "#b73779", "#fcfdbf"], low: "peu", high: "beaucoup" } },
};

export function mockSteps(): Step[] {
  const blocks = [{ kind: "paragraph" as const, text: "Quelques mots.", items: [] }];
  const steps: Record<string, unknown>[] = [
    { kind: "consent", title: "Consentement", blocks, version: "1" },
    { kind: "instructions", pages: [blocks, blocks] },
    { kind: "block", title: "Avec les conseils du modèle", number: 1, of: 4, blocks },
    { ...decisionStep() },
    { ...decisionStep(FINAL) },
    { ...decisionStep({ picture: null, instruction: "Choisissez Sac.", ask_confidence: false }) },
    { kind: "feedback", correct: true, truth: "Robe", chosen: "Robe", advice: null, picture: picture("a.png") },
    { kind: "questionnaire", id: "mock", title: "Questions", introduction: "", questions: QUESTIONS, note: "" },
    { kind: "debriefing", title: "Ce que l’étude cherchait", blocks },
    { kind: "done", title: "Merci\u202f!", blocks, code: "ABCD-1234", url: null },
  ];
  return steps.map((step, index) => ({ preload: [], progress: { done: index, total: steps.length, minutes_left: 5 }, ...step, index })) as unknown as Step[];
}
