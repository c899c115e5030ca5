import type { Shell } from "./shell";

/** Below this a page cannot be seen at once: the size of a desktop's window at 400 % zoom (WCAG 1.4.10). */
const LEAST = { width: 320, height: 256 };

/** Warns while the window is too small; a study's own demands are the device step's. */
export function watchWindow(shell: Pick<Shell, "caution" | "uncaution">): void {
  const look = (): void => {
    if (innerWidth < LEAST.width || innerHeight < LEAST.height) shell.caution("tooSmall");
    else shell.uncaution("tooSmall");
  };
  window.addEventListener("resize", look);
  look();
}
