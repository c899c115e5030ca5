import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { painted, secondsUntil } from "../../clock";
import type { Advice, Explanation, Option, Picture } from "../../contract";
import { el, showPage } from "../../dom";
import { percent } from "../../format";
import { actsOnEnter, pressed, typing } from "../../keys";
import type { Tools } from "../tools";
import { type Choice, ConfidenceGroup, DELEGATE, OptionGroup } from "./choice";
import { Overlay } from "./overlay";

const LOW_RESOLUTION = 128;

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
    /** Set for attention checks, which show no picture. */
    instruction: { type: ParameterType.STRING, default: null },
    picture: { type: ParameterType.COMPLEX, default: null },
    options: { type: ParameterType.COMPLEX, array: true, default: undefined },
    ask_confidence: { type: ParameterType.BOOL, default: false },
    may_delegate: { type: ParameterType.BOOL, default: false },
    initial: { type: ParameterType.STRING, default: null },
    initial_confidence: { type: ParameterType.FLOAT, default: null },
    advice: { type: ParameterType.COMPLEX, default: null },
    explanation: { type: ParameterType.COMPLEX, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    /** The chosen option's id; null when delegated. */
    decision: { type: ParameterType.STRING },
    delegated: { type: ParameterType.BOOL },
    /** In [0, 1]; null when not asked. */
    confidence: { type: ParameterType.FLOAT },
    /** From the frame in which the picture appeared to the confirmation, in seconds. */
    seconds: { type: ParameterType.FLOAT },
    /** Null when there is no explanation. */
    explanation_opened: { type: ParameterType.BOOL },
    explanation_seconds: { type: ParameterType.FLOAT },
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
  private readonly overlay: Overlay | null;
  private readonly options: OptionGroup;
  private readonly confidence: ConfidenceGroup | null;
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
    this.overlay = explanation && new Overlay(explanation, tools);
    const legend = trial.stage === "final" ? strings.finalAnswer : strings.yourAnswer;
    const marks = { initial: trial.initial ?? null, advice: advice?.decision ?? null };
    this.options = new OptionGroup(legend, trial.options as Option[], marks, trial.may_delegate ?? false, tools, (choice) => this.chosen(choice));
    this.confidence = trial.ask_confidence ? new ConfidenceGroup(tools, () => this.clearProblem()) : null;
    this.form = el(
      "form",
      { class: "decision", novalidate: true },
      this.look(),
      el(
        "div",
        { class: "answer" },
        advice && adviceCard(advice, tools),
        this.ownAnswer(),
        this.options.element,
        this.confidence?.element,
      ),
      el("div", { class: "actions" }, this.problem, el("button", { type: "submit", class: "primary" }, strings.confirm, el("kbd", { "aria-hidden": true }, "↵"))),
    );
    this.form.classList.toggle("explained", this.overlay !== null);
    this.form.classList.toggle("no-picture", trial.picture == null);
  }

  /** Puts everything on the screen in one frame, the pictures decoded before. */
  async appear(): Promise<void> {
    const { trial, tools } = this;
    const picture = trial.picture as Picture | null;
    const explanation = trial.explanation as Explanation | null;
    await Promise.all([
      picture && tools.show(this.item, picture),
      explanation && this.overlay && tools.show(this.overlay.image, explanation.picture),
    ]);
    const page = showPage(this.display, "decision", trial.question, this.form);
    page.classList.add(`stage-${trial.stage}`);
    page.prepend(this.kicker());
    const shown = await painted();
    this.shownAt = shown;
    this.overlay?.begin();
    this.listen();
  }

  private listen(): void {
    const { signal } = this.listening;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.confirm(event);
    }, { signal });
    window.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("visibilitychange", () => this.overlay?.tabVisible(document.visibilityState === "visible"), { signal });
  }

  private key(event: KeyboardEvent): void {
    if (!this.form.isConnected) return this.listening.abort();
    if (event.repeat || typing(event.target) || document.querySelector("dialog[open]")) return;
    const onControl = event.target instanceof HTMLInputElement;
    if (event.key === "Enter" && !actsOnEnter(event.target)) {
      event.preventDefault();
      this.confirm(event);
    } else if (this.trial.initial != null && pressed(event, "k") && !this.keyTaken("k")) {
      this.options.choose(this.trial.initial);
    } else if (this.options.press(event)) {
      if (this.confidence && this.confidence.value === null) this.confidence.focus();
    } else if (!this.overlay?.press(event, !onControl)) {
      return;
    }
    event.preventDefault();
  }

  private confirm(event: Event): void {
    const { choice, changes } = this.options;
    const { overlay, tools } = this;
    const delegated = choice === DELEGATE;
    if (choice === null) return this.complain(tools.strings.chooseFirst, this.options);
    if (this.confidence && this.confidence.value === null && !delegated) return this.complain(tools.strings.chooseConfidence, this.confidence);
    this.listening.abort();
    overlay?.watch.stop();
    this.onDone({
      decision: delegated ? null : choice,
      delegated,
      confidence: delegated ? null : (this.confidence?.value ?? null),
      seconds: secondsUntil(this.shownAt, event),
      explanation_opened: overlay?.opened ?? null,
      explanation_seconds: overlay?.watch.seconds ?? null,
      opacity: overlay?.opacity ?? null,
      changes,
    });
  }

  private chosen(choice: Choice): void {
    const delegated = choice === DELEGATE;
    this.clearProblem();
    if (this.confidence) this.confidence.element.disabled = delegated;
    this.tools.log("choice_changed", { choice: delegated ? null : choice, delegated });
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
    if (!picture) return null;
    const figure = el("figure", { class: "picture" }, this.item, this.overlay?.image);
    if (picture.width <= LOW_RESOLUTION) figure.classList.add("pixelated");
    figure.style.aspectRatio = `${picture.width} / ${picture.height}`;
    return el("div", { class: "look" }, figure, this.overlay?.controls);
  }

  private kicker(): HTMLElement {
    const { trial, tools } = this;
    const badge = trial.practice ? tools.strings.practice : trial.instruction ? tools.strings.attentionCheck : null;
    return el("p", { class: "kicker" }, tools.strings.trialOf(trial.trial, trial.trials), badge && el("span", { class: "tag" }, badge));
  }

  private ownAnswer(): HTMLElement | null {
    const { trial, tools } = this;
    const own = (trial.options as Option[]).find((option) => option.id === trial.initial);
    if (!own) return null;
    const { strings } = tools;
    const keep = el("button", { type: "button", class: "small" }, strings.keep, this.keyTaken("k") ? null : el("kbd", { "aria-hidden": true }, "K"));
    keep.addEventListener("click", () => this.options.choose(own.id));
    const sure = trial.initial_confidence == null ? "" : ` (${strings.sure(percent(trial.initial_confidence, tools.language))})`;
    return el("div", { class: "own" }, el("p", {}, el("span", { class: "what" }, strings.firstAnswer), el("strong", {}, own.label), sure), keep);
  }
}

function adviceCard(advice: Advice, { strings, language }: Tools): HTMLElement {
  const card = el("div", { class: "advice" }, el("p", {}, el("span", { class: "what" }, strings.modelSays), el("strong", {}, advice.label)));
  if (advice.confidence !== null) {
    const fill = el("div", { class: "sure-fill" });
    fill.style.width = `${100 * advice.confidence}%`;
    card.append(el("div", { class: "sure" }, el("span", {}, strings.modelSure(percent(advice.confidence, language))), el("div", { class: "sure-bar", "aria-hidden": true }, fill)));
  }
  return card;
}
