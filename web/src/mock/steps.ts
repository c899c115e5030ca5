/** One step of each kind, for the mock server and the plug-ins' tests. */
import type { DecisionStep, Explanation, Line, OfferStep, Option, Question } from "../contract";
import type { Step } from "../session";

export const OPTIONS: Option[] = ["T-shirt", "Pantalon", "Pull", "Robe", "Manteau", "Sandale", "Chemise", "Basket", "Sac", "Bottine"].map(
  (label, index) => ({ id: label.toLowerCase(), label, key: String((index + 1) % 10) }),
);

function question(parts: Partial<Question> & Pick<Question, "id" | "kind" | "text">): Question {
  return { help: "", required: true, low: 0, high: 100, step: 1, labels: [], options: [], many: false, rows: [], show_if: {}, ...parts };
}

const AGREEMENT = { low: 1, high: 5, labels: ["Non", "Plutôt non", "Ni l’un ni l’autre", "Plutôt oui", "Oui"] };

export const QUESTIONS: Question[] = [
  question({ id: "effort", kind: "slider", text: "Effort", step: 5, labels: ["Bas", "Haut"] }),
  question({ id: "trust", kind: "likert", text: "Je fais confiance au modèle.", ...AGREEMENT }),
  question({ id: "field", kind: "choice", text: "Domaine", required: false, options: [{ id: "arts", label: "Arts", key: "" }, { id: "sciences", label: "Sciences", key: "" }] }),
  question({ id: "age", kind: "number", text: "Âge", help: "En années", low: 18, high: 99 }),
  question({ id: "remark", kind: "text", text: "Remarques", required: false }),
];

export const BRANCHED: Question[] = [
  question({ id: "used", kind: "choice", text: "Avez-vous déjà utilisé un assistant\u202f?", options: [{ id: "yes", label: "Oui", key: "" }, { id: "no", label: "Non", key: "" }] }),
  question({ id: "which", kind: "choice", many: true, text: "Pour quoi faire\u202f?", show_if: { used: ["yes"] }, options: [{ id: "write", label: "Écrire", key: "" }, { id: "search", label: "Chercher", key: "" }, { id: "other", label: "Autre chose", key: "" }] }),
  question({ id: "what", kind: "text", text: "Quoi donc\u202f?", show_if: { which: ["other"] } }),
  question({
    id: "opinion", kind: "matrix", text: "Que pensez-vous de ces phrases\u202f?", ...AGREEMENT,
    rows: [{ id: "useful", text: "Le modèle m’a été utile." }, { id: "clear", text: "Je comprends pourquoi le modèle a donné ses conseils." }, { id: "again", text: "Je m’en servirais de nouveau." }],
  }),
  question({ id: "likely", kind: "likert", text: "Le recommanderiez-vous\u202f?", low: 1, high: 7, labels: ["pas du tout", "tout à fait"] }),
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
    case: [],
    note: null,
    options: OPTIONS,
    scale: null,
    ask_confidence: true,
    may_delegate: false,
    delegate_most: 1,
    price: null,
    veto_price: null,
    may_request: false,
    wait_seconds: null,
    veto_seconds: null,
    most_seconds: null,
    ask_reason: false,
    record_mouse: false,
    score: null,
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
  explanation: { kind: "overlay", regions: null, sentence: null, picture: picture("b.png"), legend: { colours: ["#000004", "#b73779", "#fcfdbf"], low: "peu", high: "beaucoup" }, bars: null },
};

export const LINES: Line[] = [
  { id: "age", label: "Âge", value: "34\u00a0ans", help: "" },
  { id: "priors", label: "Infractions antérieures", value: "3", help: "Infractions enregistrées avant celle-ci." },
  { id: "charge", label: "Infraction reprochée", value: "délit", help: "Un crime est plus grave qu’un délit." },
  { id: "minor", label: "Délits commis mineur", value: "0", help: "" },
];

const YES_NO: Option[] = [{ id: "no", label: "Non", key: "1" }, { id: "yes", label: "Oui", key: "2" }];

/** A case file, decided by one of two options. */
export const CASE: Partial<DecisionStep> = { question: "Cette personne sera-t-elle poursuivie de nouveau d’ici deux ans\u202f?", picture: null, case: LINES, options: YES_NO };

export const CASE_FINAL: Partial<DecisionStep> = {
  ...CASE,
  stage: "final",
  initial: "no",
  initial_confidence: 0.75,
  note: "Emploi\u00a0: en contrat depuis deux ans",
  advice: { decision: "yes", label: "Oui", confidence: 0.68 },
  explanation: { kind: "bars", regions: null, sentence: null, picture: null, legend: null, bars: { values: [-0.42, 1, null, -0.08], rest: 0.3, low: "parle contre le conseil", high: "parle pour" } },
};

/** A case file, whose answer is a number. */
export const ESTIMATE: Partial<DecisionStep> = {
  question: "Où en sera la maladie dans un an\u202f?",
  picture: null,
  case: LINES,
  options: [],
  scale: { low: 0, high: 350, step: 0.5, unit: "points" },
};

export const ESTIMATE_FINAL: Partial<DecisionStep> = {
  ...ESTIMATE,
  stage: "final",
  initial: 120.5,
  initial_confidence: 0.5,
  advice: { decision: 164, label: "164\u00a0points", confidence: 0.55 },
  explanation: { kind: "bars", regions: null, sentence: null, picture: null, legend: null, bars: { values: [0.2, -1, 0.6, 0], rest: null, low: "abaisse l’estimation", high: "relève l’estimation" } },
};

const NOTHING = { picture: null, legend: null, bars: null, regions: null, sentence: null };
const SENTENCE = "Ce qui a le plus pesé se trouve au centre de l’image, avec 46\u00a0% de tout ce qui a pesé.";

/** Explanations of a picture, by how they are shown. */
export const SHOWN: Record<string, Explanation> = {
  contour: {
    ...NOTHING, kind: "contour", picture: picture("c.png"), sentence: SENTENCE,
    contours: [{ share: 0.25, colour: "#7d207d", width: 2.5 }, { share: 0.5, colour: "#e0526c", width: 3 }, { share: 0.75, colour: "#fda574", width: 3.5 }],
  },
  regions: { ...NOTHING, kind: "regions", picture: picture("r.png"), regions: { share: 0.15, count: null } },
  side_by_side: { ...NOTHING, kind: "side_by_side", picture: picture("m.png"), legend: { colours: ["#2a1160", "#e0526c", "#fcfdbf"], low: "peu", high: "beaucoup" } },
  sentence: { ...NOTHING, kind: "sentence", sentence: SENTENCE },
  examples: {
    ...NOTHING, kind: "examples",
    examples: [
      { kind: "alike", label: "Manteau", similarity: 0.93, picture: picture("e1.png"), case: [] },
      { kind: "prototype", label: "Manteau", similarity: null, picture: picture("e2.png"), case: [] },
      { kind: "contrast", label: "Pull", similarity: 0.4, picture: picture("e3.png"), case: [] },
    ],
  },
};

/** Explanations of a case file. */
export const CASE_SHOWN: Record<string, Explanation> = {
  counterfactuals: {
    ...NOTHING, kind: "counterfactuals",
    counterfactuals: [
      { label: "Non", confidence: 0.61, changes: [{ label: "Âge", before: "34\u00a0ans", after: "51\u00a0ans" }], hidden: 0 },
      { label: "Non", confidence: 0.58, changes: [{ label: "Infractions antérieures", before: "3", after: "1" }, { label: "Infraction reprochée", before: "délit", after: "crime" }], hidden: 2 },
      { label: "Non", confidence: null, changes: [], hidden: 1 },
    ],
  },
  examples: {
    ...NOTHING, kind: "examples",
    examples: [{ kind: "alike", label: "Oui", similarity: 0.75, picture: null, case: LINES.map((line) => (line.id === "age" ? { ...line, value: "36\u00a0ans" } : line)) }],
  },
  sentence: { ...NOTHING, kind: "sentence", sentence: "Sur tout ce qui a pesé, «\u00a0Âge\u00a0» (34\u00a0ans) compte pour 42\u00a0%." },
};

/** A long case file: thirty lines. */
export const LONG: Partial<DecisionStep> = {
  ...CASE_FINAL,
  case: Array.from({ length: 30 }, (_, i) => ({ id: `l${i}`, label: `Mesure du noyau n\u00ba\u00a0${i + 1}, moyenne des trois plus grandes`, value: (i * 1.7).toFixed(1), help: i % 3 ? "" : "Ce que cela veut dire." })),
  explanation: { kind: "bars", regions: null, sentence: null, picture: null, legend: null, bars: { values: Array.from({ length: 30 }, (_, i) => Math.sin(i * 2) * (1 - i / 40)), rest: null, low: "parle contre le conseil", high: "parle pour" } },
};

const MAP = FINAL.explanation;
const SCORE = { points: 120, last: 10 };

/** The pages that other kinds of help have, by name. */
export const STAGES: Record<string, Partial<DecisionStep>> = {
  open: { stage: "open", may_request: true, score: SCORE },
  wait: { stage: "wait", wait_seconds: 8, ask_confidence: false },
  delayed: { ...FINAL, initial: null, initial_confidence: null },
  supervised: { stage: "supervised", veto_seconds: 6, veto_price: 2, advice: FINAL.advice, explanation: MAP, ask_confidence: false, score: { points: 118, last: -2 } },
  handled: { stage: "handled", advice: FINAL.advice, ask_confidence: false },
  mediated: { stage: "single", explanation: MAP },
  reasoned: { ...FINAL, ask_reason: true },
  delegable: { stage: "single", may_delegate: true, delegate_most: 5, price: 2, score: { points: -4, last: null } },
  limited: { stage: "single", most_seconds: 20 },
  supervised_case: { ...CASE, stage: "supervised", veto_seconds: 6, ask_confidence: false, advice: CASE_FINAL.advice, explanation: CASE_FINAL.explanation },
  limited_case: { ...CASE, stage: "single", most_seconds: 90, score: SCORE },
};

export function offerStep(parts: Partial<OfferStep> = {}): OfferStep {
  const progress = { done: 3, total: 12, minutes_left: 4 };
  return { kind: "offer", index: 0, progress, preload: [], trial: 2, trials: 20, practice: false, most: 5, price: 2, score: SCORE, ...parts };
}

export function mockSteps(): Step[] {
  const blocks = [{ kind: "paragraph" as const, text: "Quelques mots.", items: [] }];
  const steps: Record<string, unknown>[] = [
    { kind: "device", title: "Votre appareil", blocks, width: 320, height: 400, keyboard: true },
    { kind: "consent", title: "Consentement", blocks, version: "1" },
    { kind: "instructions", pages: [blocks, blocks] },
    { kind: "block", title: "Avec les conseils du modèle", number: 1, of: 4, blocks, overview: [{ kind: "heading", text: "Le modèle en bref", items: [] }, ...blocks] },
    { ...decisionStep() },
    { ...decisionStep(FINAL) },
    ...Object.values(SHOWN).map((explanation) => ({ ...decisionStep({ ...FINAL, explanation }) })),
    { ...offerStep() },
    { ...offerStep({ most: 1, price: null, score: null }) },
    ...Object.values(STAGES).map((parts) => ({ ...decisionStep(parts) })),
    { ...decisionStep(CASE) },
    { ...decisionStep(CASE_FINAL) },
    ...Object.values(CASE_SHOWN).map((explanation) => ({ ...decisionStep({ ...CASE_FINAL, explanation }) })),
    { ...decisionStep(LONG) },
    { ...decisionStep(ESTIMATE) },
    { ...decisionStep(ESTIMATE_FINAL) },
    { ...decisionStep({ ...ESTIMATE, case: [], instruction: "Répondez 240.", ask_confidence: false }) },
    { ...decisionStep({ picture: null, instruction: "Choisissez Sac.", ask_confidence: false }) },
    { kind: "feedback", correct: true, truth: "Robe", chosen: "Robe", advice: null, picture: picture("a.png"), case: [] },
    { kind: "feedback", correct: false, truth: "Non", chosen: "Oui", advice: "Oui", picture: null, case: LINES },
    { kind: "questionnaire", id: "mock", title: "Questions", introduction: "", questions: QUESTIONS, note: "" },
    { kind: "questionnaire", id: "branched", title: "Encore quelques questions", introduction: "", questions: BRANCHED, note: "", retry: "Une réponse n’était pas la bonne\u00a0: relisez, puis répondez de nouveau." },
    { kind: "break", title: "Pause", blocks, seconds: 5 },
    { kind: "return", title: "À bientôt", blocks, opens: new Date(Date.now() + 7 * 86_400_000).toISOString() },
    { kind: "debriefing", title: "Ce que l’étude cherchait", blocks },
    { kind: "done", title: "Merci\u202f!", blocks, code: "ABCD-1234", url: null },
  ];
  return steps.map((step, index) => ({ preload: [], progress: { done: index, total: steps.length, minutes_left: 5 }, ...step, index })) as unknown as Step[];
}
