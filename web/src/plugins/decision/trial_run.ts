/** For the tests of pages on which time counts: runs one on a clock of its own. */
import { afterEach, beforeEach, vi } from "vitest";
import type { DecisionStep } from "../../contract";
import { decisionStep } from "../../mock/steps";
import { type Run, runPlugin } from "../harness";
import { DecisionPlugin } from ".";

export const EMPTY = { decision: null, delegated: false, count: 1, requested: false, vetoed: false, timed_out: false, reason: null, confidence: null };
const LOADED = 100; // ms, more than two frames

/** Every test of the file has its own time, which passes only when told. */
export function stopClocks(): void {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
}

export async function run(parts: Partial<DecisionStep>, language = "fr"): Promise<Run> {
  const running = runPlugin(DecisionPlugin, decisionStep(parts), language);
  await vi.advanceTimersByTimeAsync(LOADED);
  return running;
}

export async function after(seconds: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(1000 * seconds);
}

/** The data if the page has ended, else null. */
export async function outcome({ ended }: Run): Promise<Record<string, unknown> | null> {
  return Promise.race([ended, vi.advanceTimersByTimeAsync(0).then(() => null)]);
}

export const radio = (display: HTMLElement, value: string): HTMLInputElement => display.querySelector<HTMLInputElement>(`input[value="${value}"]`)!;
export const text = (display: HTMLElement, selector: string): string | null => display.querySelector(selector)?.textContent ?? null;
