/** The pointer's way over a page: recorded by jsPsych's extension, sent as the server takes it. */
import MouseTracking from "@jspsych/extension-mouse-tracking";
import type { Mouse } from "./contract";

/** Least milliseconds between two moves, and the most samples of one page that the server takes. */
const EVERY = 20;
const MOST = 4000;
const KINDS = ["mousemove", "mousedown", "mouseup"];
const PARTS: Record<string, string> = {
  item: ".look",
  instruction: ".instruction",
  note: ".note",
  advice: ".advice",
  explanation: ".overlay-controls",
  answer: ".choice",
  confidence: ".confidence",
  confirm: ".actions .primary",
};

/** For jsPsych as a whole; it follows the pointer only in trials that have `following`. */
export const extension = { type: MouseTracking, params: { minimum_sample_time: EVERY } };
export const following = { type: MouseTracking, params: { events: KINDS, targets: Object.values(PARTS) } };

/** What the extension recorded on a page. */
export interface Recorded {
  mouse_tracking_data: { x: number; y: number; t: number; event: string }[];
  mouse_tracking_targets: Record<string, { x: number; y: number; width: number; height: number }>;
}

export function mouseOf({ mouse_tracking_data, mouse_tracking_targets }: Recorded): Mouse {
  const samples = mouse_tracking_data.map(({ x, y, t, event }) => [t, Math.round(x), Math.round(y), KINDS.indexOf(event)]);
  const targets = Object.entries(PARTS).flatMap(([name, selector]) => {
    const found = mouse_tracking_targets[selector];
    return found ? [[name, [found.x, found.y, found.width, found.height].map((side) => Math.round(10 * side) / 10)]] : [];
  });
  return { width: innerWidth, height: innerHeight, samples: thinned(samples), targets: Object.fromEntries(targets) };
}

/** Leaves out every other move until there are few enough, so that a long way stays whole. */
function thinned(samples: number[][]): number[][] {
  let kept = samples;
  while (kept.length > MOST && kept.some(isMove)) {
    let moves = 0;
    kept = kept.filter((sample) => !isMove(sample) || moves++ % 2 === 0);
    if (moves <= 1) kept = kept.filter((sample) => !isMove(sample));
  }
  return kept.slice(0, MOST);
}

function isMove(sample: number[]): boolean {
  return sample[3] === 0;
}
