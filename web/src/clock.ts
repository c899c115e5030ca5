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

const TICK = 100; // ms

/** A time that runs out. It can be stopped and go on; a hidden tab does not stop it. */
export class Countdown {
  private left: number;
  private since: number | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private ending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    seconds: number,
    private readonly onTick: (secondsLeft: number) => void,
    private readonly onEnd: () => void,
  ) {
    this.left = 1000 * seconds;
  }

  /** Runs from `since` (ms, `performance.now` scale). */
  start(since = performance.now()): void {
    if (this.since !== null) return;
    this.since = since;
    this.ticking = setInterval(() => this.onTick(this.secondsLeft), TICK);
    // One timer for the end: browsers slow repeated ones down in hidden tabs.
    this.ending = setTimeout(() => {
      this.stop();
      this.onEnd();
    }, 1000 * this.secondsLeft);
    this.onTick(this.secondsLeft);
  }

  stop(): void {
    clearInterval(this.ticking);
    clearTimeout(this.ending);
    this.left = 1000 * this.secondsLeft;
    this.since = null;
  }

  get secondsLeft(): number {
    const gone = this.since === null ? 0 : performance.now() - this.since;
    return Math.max(0, this.left - gone) / 1000;
  }
}
