/** Resolves with the time (ms, `performance.now` scale) of a frame in which what was just added is on the screen. */
export function painted(): Promise<number> {
  return new Promise((resolve) => {
    // The first callback runs before the frame that paints the change, the second after it was painted.
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
  });
}

/** Seconds from `start` to the input that caused `event` (its own time stamp when that is on the same scale). */
export function secondsUntil(start: number, event?: Event): number {
  const now = performance.now();
  const stamp = event?.timeStamp ?? 0;
  const end = stamp >= start && stamp <= now ? stamp : now;
  return Math.max(0, end - start) / 1000;
}

/** Adds up the time that something was visible. */
export class Stopwatch {
  private total = 0;
  private since: number | null = null;

  start(): void {
    this.since ??= performance.now();
  }

  stop(): void {
    if (this.since !== null) this.total += performance.now() - this.since;
    this.since = null;
  }

  get seconds(): number {
    return (this.total + (this.since === null ? 0 : performance.now() - this.since)) / 1000;
  }
}
