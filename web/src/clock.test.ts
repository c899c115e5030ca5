import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Countdown } from "./clock";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a countdown ends once, when its time is over", () => {
  const ended = vi.fn();
  const seen: number[] = [];
  const countdown = new Countdown(1, (left) => seen.push(left), ended);
  vi.advanceTimersByTime(5000);
  expect(ended).not.toHaveBeenCalled(); // not started
  countdown.start();
  vi.advanceTimersByTime(999);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(ended).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5000);
  expect(ended).toHaveBeenCalledTimes(1);
  expect(seen[0]).toBe(1);
  expect(seen.at(-1)).toBeLessThanOrEqual(0.1);
});

test("stopped, it keeps what is left, and goes on from there", () => {
  const ended = vi.fn();
  const countdown = new Countdown(1, () => undefined, ended);
  countdown.start();
  vi.advanceTimersByTime(400);
  countdown.stop();
  vi.advanceTimersByTime(5000);
  expect(countdown.secondsLeft).toBeCloseTo(0.6, 9);
  countdown.start();
  vi.advanceTimersByTime(599);
  expect(ended).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(ended).toHaveBeenCalledTimes(1);
});

test("it counts from the moment it is given, and a second start changes nothing", () => {
  const countdown = new Countdown(1, () => undefined, () => undefined);
  const before = performance.now();
  vi.advanceTimersByTime(300);
  countdown.start(before);
  countdown.start();
  expect(countdown.secondsLeft).toBeCloseTo(0.7, 9);
});
