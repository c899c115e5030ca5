/** Before an item is seen: decide oneself, or hand it over, alone or with the next ones. */
import { type JsPsych, type JsPsychPlugin, ParameterType, type TrialType } from "jspsych";
import { painted, secondsUntil } from "../../clock";
import type { OfferData, OfferStep } from "../../contract";
import { el, freshId, showPage } from "../../dom";
import { actsOnEnter, pressed, typing } from "../../keys";
import { cost, points, scoreLine } from "../decision/score";
import { Stepper } from "../decision/stepper";
import type { Tools } from "../tools";

const info = {
  name: "binome-offer",
  version: "1.0.0",
  parameters: {
    /** The trial's number from 1, and how many there are. */
    trial: { type: ParameterType.INT, default: undefined },
    trials: { type: ParameterType.INT, default: undefined },
    practice: { type: ParameterType.BOOL, default: false },
    /** How many items may be handed over now, and what each costs. */
    most: { type: ParameterType.INT, default: 1 },
    price: { type: ParameterType.FLOAT, default: null },
    score: { type: ParameterType.COMPLEX, default: null },
    tools: { type: ParameterType.FUNCTION, default: undefined },
  },
  data: {
    delegated: { type: ParameterType.BOOL },
    /** Items handed over at once. */
    count: { type: ParameterType.INT },
    /** From the frame in which the offer appeared to the confirmation. */
    seconds: { type: ParameterType.FLOAT },
  },
} as const;

export class OfferPlugin implements JsPsychPlugin<typeof info> {
  static info = info;

  constructor(private readonly jsPsych: JsPsych) {}

  async trial(display: HTMLElement, trial: TrialType<typeof info>, onLoad: () => void = () => undefined): Promise<void> {
    const step = trial as unknown as OfferStep;
    await new OfferScreen(display, step, trial.tools() as Tools, (data) => this.jsPsych.finishTrial(data)).appear();
    onLoad();
    await new Promise(() => undefined); // `finishTrial` ends the trial
  }
}

class OfferScreen {
  private readonly mine: HTMLInputElement;
  private readonly model: HTMLInputElement;
  private readonly total = el("p", { class: "offer-total", role: "status" });
  private readonly stepper: Stepper | null;
  private readonly problem = el("p", { class: "problem", role: "alert" });
  private readonly form = el("form", { class: "offer", novalidate: true });
  private readonly listening = new AbortController();
  private shownAt = 0;

  constructor(
    private readonly display: HTMLElement,
    private readonly step: OfferStep,
    private readonly tools: Tools,
    private readonly onDone: (data: OfferData) => void,
  ) {
    const { strings } = tools;
    const name = freshId("offer");
    this.mine = el("input", { type: "radio", name, "aria-keyshortcuts": "1" });
    this.model = el("input", { type: "radio", name, "aria-keyshortcuts": "2" });
    this.stepper = step.most > 1 ? new Stepper(strings.offerCount, step.most, tools, (count) => this.say(count)) : null;
    const price = cost(step.price, tools, step.most > 1);
    const choices = el(
      "div",
      { class: "offer-choices" },
      this.card(this.mine, "1", strings.offerSelf, strings.offerSelfHint, null),
      this.card(this.model, "2", strings.delegate, strings.offerModelHint, price),
    );
    const many = this.stepper?.element;
    this.stepper?.row.append(this.total);
    many?.classList.add("off");
    this.form.append(el("fieldset", {}, el("legend", { class: "visually-hidden" }, strings.offerTitle), choices), many ?? "", this.actions());
    this.form.addEventListener("change", () => {
      this.problem.textContent = "";
      many?.classList.toggle("off", !this.model.checked);
    });
  }

  async appear(): Promise<void> {
    const { step, tools } = this;
    const page = showPage(this.display, "offer", tools.strings.offerTitle, this.form);
    const where = tools.strings.trialOf(step.trial, step.trials);
    page.prepend(el("p", { class: "kicker" }, where, step.practice && el("span", { class: "tag" }, tools.strings.practice), step.score && scoreLine(step.score, tools)));
    const { signal } = this.listening;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault(); // also before the page is on the screen: a form left alone would load the page anew
      if (this.shownAt) this.confirm(event);
    }, { signal });
    this.shownAt = await painted();
    window.addEventListener("keydown", (event) => this.key(event), { signal });
    page.dataset.listening = "";
  }

  private key(event: KeyboardEvent): void {
    if (!this.form.isConnected) return this.listening.abort();
    if (event.repeat || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && !actsOnEnter(event.target)) this.confirm(event);
    else if (pressed(event, "1")) this.choose(this.mine);
    else if (pressed(event, "2")) this.choose(this.model);
    else return;
    event.preventDefault();
  }

  private choose(input: HTMLInputElement): void {
    if (!input.checked) input.click();
    input.focus({ preventScroll: true });
  }

  private confirm(event: Event): void {
    const delegated = this.model.checked;
    if (!delegated && !this.mine.checked) {
      this.problem.textContent = this.tools.strings.chooseOffer;
      return this.mine.focus();
    }
    this.listening.abort();
    this.onDone({ delegated, count: delegated ? (this.stepper?.count ?? 1) : 1, seconds: secondsUntil(this.shownAt, event) });
  }

  /** What so many cost together. */
  private say(count: number): void {
    const { price } = this.step;
    this.total.textContent = price ? this.tools.strings.costsInAll(points(price * count, this.tools)) : "";
  }

  private card(input: HTMLInputElement, key: string, title: string, hint: string, price: string | null): HTMLElement {
    const words = el("span", { class: "offer-words" }, el("strong", {}, title), el("span", { class: "offer-hint" }, hint), price && el("span", { class: "cost" }, price));
    return el("label", { class: "option offer-card" }, input, el("kbd", { "aria-hidden": true }, key), words);
  }

  private actions(): HTMLElement {
    const confirm = el("button", { type: "submit", class: "primary" }, this.tools.strings.confirm, el("kbd", { "aria-hidden": true }, "↵"));
    return el("div", { class: "actions" }, this.problem, confirm);
  }
}
