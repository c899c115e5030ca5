/** What the two ways to answer have in common: one of several options, or a number. */

export const DELEGATE = Symbol("delegate");
export type Choice = string | number | typeof DELEGATE;

/** What is already known of the answer: the operator's first one, and the advice. */
export interface Marks {
  initial: string | number | null;
  advice: string | number | null;
}

export interface AnswerField {
  readonly element: HTMLElement;
  readonly choice: Choice | null;
  /** How often the choice was changed before it was confirmed. */
  readonly changes: number;
  /** Acts on a key; says whether it did. */
  press(event: KeyboardEvent): boolean;
  choose(choice: Choice): void;
  focus(): void;
  /** Takes what is still being typed as the choice: Enter comes before the field says that it changed. */
  settle(): void;
  /** Why the answer cannot be taken, or an empty string. */
  problem(): string;
}
