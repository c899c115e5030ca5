import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { painted, secondsUntil } from "../../clock";
import type { Advice, Explanation, Line, Option, Picture, Scale } from "../../contract";
import { el, showPage } from "../../dom";
import { number, percent } from "../../format";
import { actsOnEnter, pressed, typing } from "../../keys";
import type { Tools } from "../tools";
import { adviceCard } from "./advice";
import { type AnswerField, type Choice, DELEGATE } from "./answer";
import { type CaseFile, caseFile } from "./casefile";
import { ConfidenceGroup, OptionGroup } from "./choice";
import { EstimateField, withUnit } from "./estimate";
import { inspect } from "./explain";
import type { Inspector } from "./inspector";
import { Jump } from "./jump";
import { sideNote } from "./note";

const LOW_RESOLUTION = 128;
/** Layouts that can push the answer out of a small screen's sight. */
const TALL = ["below", "beside"];

const info = {
  name: "binome-decision",
  version: "1.0.0",
  parameters: {
    /** `initial`: before the advice; `final`: after it; `single`: the only one. */
    stage: { type: ParameterType.STRING, default: undefined },
    /** The trial's number from 1, and how many there are. */
    trial: { type: ParameterType.INT, default: undefined },
    trials: { type: ParameterType.INT, default: undefined },
    practice: { type: ParameterType.BOOL, default: false },
    question: { type: ParameterType.STRING, default: undefined },
    /** Set for attention checks, which show no item. */
    instruction: { type: ParameterType.STRING, default: null },
    picture: { type: ParameterType.COMPLEX, default: null },
    /** The lines of a case file, where the item is one. */
    case: { type: ParameterType.COMPLEX, array: true, default: [] },
    /** What only the operator is told. */
    note: { type: ParameterType.STRING, default: null },
    /** Where a number is asked for instead of an option. */
    scale: { type: ParameterType.COMPLEX, default: null },
    options: { type: ParameterType.COMPLEX, array: true, default: undefined },
    ask_confidence: { type: ParameterType.BOOL, default: false },
    may_delegate: { type: ParameterType.BOOL, default: false },
    /** The first answer: an option's id, or a number. */
    initial: { type: ParameterType.COMPLEX, default: null },
    initial_confidence: { type: ParameterType.FLOAT, default: null },
    advice: { type: ParameterType.COMPLEX, default: null },
    explanation: { type: ParameterType.COMPLEX, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    /** The chosen option's id, or the number; null when delegated. */
    decision: { type: ParameterType.COMPLEX },
    delegated: { type: ParameterType.BOOL },
    /** In [0, 1]; null when not asked. */
    confidence: { type: ParameterType.FLOAT },
    /** From the frame in which the item appeared to the confirmation, in seconds. */
    seconds: { type: ParameterType.FLOAT },
    /** Null when there is no explanation. */
    explanation_opened: { type: ParameterType.BOOL },
    explanation_seconds: { type: ParameterType.FLOAT },
    /** Of a map over the picture; null for all else. */
    opacity: { type: ParameterType.FLOAT },
    /** How often the choice was changed before it was confirmed. */
    changes: { type: ParameterType.INT },
  },
} as const;

type Trial = TrialType<typeof info>;

/** One decision: look, choose, change one's mind, confirm. */
export class DecisionPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  async trial(display: HTMLElement, trial: Trial, onLoad: () => void = () => undefined): Promise<void> {
    const screen = new DecisionScreen(display, trial, trial.tools() as Tools, (data) => this.jsPsych.finishTrial(data));
    try {
      await screen.appear();
    } catch (error) {
      (trial.tools() as Tools).fail(error);
    }
    onLoad();
    await new Promise(() => undefined); // `finishTrial` ends the trial
  }
}

class DecisionScreen {
  private readonly file: CaseFile | null;
  private readonly inspector: Inspector | null;
  private readonly answer: AnswerField;
  private readonly confidence: ConfidenceGroup | null;
  private readonly jump: Jump | null;
  private readonly problem = el("p", { class: "problem", role: "alert" });
  private readonly form: HTMLFormElement;
  private readonly item = el("img", { class: "item" });
  private readonly listening = new AbortController();
  private shownAt = 0;

  constructor(
    private readonly display: HTMLElement,
    private readonly trial: Trial,
    private readonly tools: Tools,
    private readonly onDone: (data: object) => void,
  ) {
    const { strings } = tools;
    const advice = trial.advice as Advice | null;
    const explanation = trial.explanation as Explanation | null;
    const lines = (trial.case ?? []) as Line[];
    this.file = lines.length > 0 ? caseFile(lines, tools) : null;
    this.inspector = explanation ? inspect(explanation, { file: this.file, lines, advice: advice?.label ?? null }, tools) : null;
    const tall = this.inspector !== null && TALL.includes(this.inspector.layout);
    const legend = trial.stage === "final" ? strings.finalAnswer : strings.yourAnswer;
    const marks = { initial: (trial.initial as string | number | null) ?? null, advice: advice?.decision ?? null };
    const scale = trial.scale as Scale | null;
    const chosen = (choice: Choice): void => this.chosen(choice);
    const mayDelegate = trial.may_delegate ?? false;
    this.answer = scale
      ? new EstimateField(legend, scale, marks, mayDelegate, tools, chosen)
      : new OptionGroup(legend, trial.options as Option[], marks, mayDelegate, tools, chosen);
    this.confidence = trial.ask_confidence ? new ConfidenceGroup(tools, () => this.clearProblem()) : null;
    const panel = el(
      "div",
      { class: "answer" },
      trial.note ? sideNote(trial.note, tools) : null,
      advice && adviceCard(advice, tools),
      this.ownAnswer(),
      this.answer.element,
      this.confidence?.element,
    );
    this.jump = this.file || tall ? new Jump(panel, tools) : null;
    const confirm = el("button", { type: "submit", class: "primary" }, strings.confirm, el("kbd", { "aria-hidden": true }, "↵"));
    const actions = el("div", { class: "actions" }, this.problem, confirm, this.jump?.button);
    this.form = el("form", { class: "decision", novalidate: true }, this.look(), el("div", { class: "side" }, panel, actions));
    if (this.inspector) this.form.classList.add(this.inspector.layout);
    this.form.classList.toggle("tall", tall);
    this.form.classList.toggle("with-case", this.file !== null);
    this.form.classList.toggle("no-item", trial.picture == null && this.file === null);
  }

  /** Puts everything on the screen in one frame, the pictures decoded before. */
  async appear(): Promise<void> {
    const { trial, tools } = this;
    const picture = trial.picture as Picture | null;
    const pictures = this.inspector?.pictures ?? [];
    await Promise.all([picture && tools.show(this.item, picture), ...pictures.map(([image, own]) => tools.show(image, own))]);
    const page = showPage(this.display, "decision", trial.question, this.form);
    page.classList.add(`stage-${trial.stage}`);
    page.prepend(this.kicker());
    const shown = await painted();
    this.shownAt = shown;
    this.inspector?.begin();
    this.listen();
  }

  private listen(): void {
    const { signal } = this.listening;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.confirm(event);
    }, { signal });
    this.form.addEventListener("input", () => this.answered(), { signal });
    this.jump?.watch(this.answer.element, signal);
    window.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("visibilitychange", () => this.inspector?.tabVisible(document.visibilityState === "visible"), { signal });
  }

  private key(event: KeyboardEvent): void {
    if (!this.form.isConnected) return this.listening.abort();
    if (event.repeat || document.querySelector("dialog[open]")) return;
    // Letters mean nothing in the field of a number, so the page's keys work there too.
    if (typing(event.target) && !(this.answer instanceof EstimateField && /^[a-z]$/i.test(event.key))) return;
    const onControl = event.target instanceof HTMLInputElement;
    if (event.key === "Enter" && !actsOnEnter(event.target)) {
      event.preventDefault();
      this.confirm(event);
    } else if (this.trial.initial != null && pressed(event, "k") && !this.keyTaken("k")) {
      this.answer.choose(this.trial.initial as string | number);
    } else if (this.answer.press(event)) {
      if (this.confidence && this.confidence.value === null) this.confidence.focus();
    } else if (!this.inspector?.press(event, !onControl)) {
      return;
    }
    event.preventDefault();
  }

  private confirm(event: Event): void {
    const { inspector, tools } = this;
    this.answer.settle();
    const problem = this.answer.problem();
    if (problem) return this.complain(problem, this.answer);
    const { choice, changes } = this.answer;
    const delegated = choice === DELEGATE;
    if (this.confidence && this.confidence.value === null && !delegated) return this.complain(tools.strings.chooseConfidence, this.confidence);
    this.listening.abort();
    inspector?.watch.stop();
    this.onDone({
      decision: delegated ? null : choice,
      delegated,
      confidence: delegated ? null : (this.confidence?.value ?? null),
      seconds: secondsUntil(this.shownAt, event),
      explanation_opened: inspector?.opened ?? null,
      explanation_seconds: inspector?.watch.seconds ?? null,
      opacity: inspector?.opacity ?? null,
      changes,
    });
  }

  private chosen(choice: Choice): void {
    const delegated = choice === DELEGATE;
    this.answered();
    this.tools.log("choice_changed", { choice: delegated ? null : choice, delegated });
  }

  /** A choice, or a part of one, was made. */
  private answered(): void {
    this.clearProblem();
    if (this.confidence) this.confidence.element.disabled = this.answer.choice === DELEGATE;
  }

  private complain(text: string, group: { focus(): void }): void {
    this.problem.textContent = text;
    group.focus();
  }

  private clearProblem(): void {
    this.problem.textContent = "";
  }

  private keyTaken(key: string): boolean {
    return (this.trial.options as Option[]).some((option) => option.key.toLowerCase() === key);
  }

  private look(): HTMLElement | null {
    const { picture, instruction } = this.trial as { picture: Picture | null; instruction: string | null };
    if (instruction) return el("p", { class: "instruction" }, instruction);
    if (this.file) {
      this.inspector?.arrange(this.file.element, null);
      return this.file.element;
    }
    if (!picture) return null;
    const figure = el("figure", { class: "picture" }, this.item);
    if (picture.width <= LOW_RESOLUTION) figure.classList.add("pixelated");
    figure.style.aspectRatio = `${picture.width} / ${picture.height}`;
    const look = el("div", { class: "look" }, figure);
    this.inspector?.arrange(look, figure);
    return look;
  }

  private kicker(): HTMLElement {
    const { trial, tools } = this;
    const badge = trial.practice ? tools.strings.practice : trial.instruction ? tools.strings.attentionCheck : null;
    return el("p", { class: "kicker" }, tools.strings.trialOf(trial.trial, trial.trials), badge && el("span", { class: "tag" }, badge));
  }

  /** An answer in words. */
  private label(answer: string | number | null): string | null {
    const scale = this.trial.scale as Scale | null;
    if (scale && typeof answer === "number") return withUnit(number(answer, this.tools.language), scale.unit);
    return (this.trial.options as Option[]).find((option) => option.id === answer)?.label ?? null;
  }

  private ownAnswer(): HTMLElement | null {
    const { trial, tools } = this;
    const initial = trial.initial as string | number | null;
    const label = this.label(initial);
    if (initial === null || initial === undefined || label === null) return null;
    const { strings } = tools;
    const keep = el("button", { type: "button", class: "small" }, strings.keep, this.keyTaken("k") ? null : el("kbd", { "aria-hidden": true }, "K"));
    keep.addEventListener("click", () => this.answer.choose(initial));
    const sure = trial.initial_confidence == null ? null : el("span", { class: "certainty" }, strings.sure(percent(trial.initial_confidence, tools.language)));
    return el("div", { class: "own" }, el("p", {}, el("span", { class: "what" }, strings.firstAnswer), el("strong", {}, label), sure), keep);
  }
}
