import { HttpError } from "./http";

const FIRST = 500;
const LONGEST = 15_000;

/** Waits before the attempt number `attempt` (0, 1, …): doubling, with a random part; ends early when the network is back. */
export function backoff(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST, FIRST * 2 ** attempt);
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, longest * (0.5 + Math.random() / 2));
    window.addEventListener("online", done);
  });
}

/** Calls until the server answers; only an answer that cannot change is thrown. */
export async function untilAnswered<T>(call: () => Promise<T>, onFailure: () => void): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof HttpError && !error.passing) throw error;
      onFailure();
      await backoff(attempt);
    }
  }
}
