/** One tab at a time: the one opened last has the session, the others say so. */

/** Tells the other tabs of this browser that the session is here now; calls `onOther` when another tab says so. */
export function takeOver(link: string, onOther: () => void): void {
  if (!("BroadcastChannel" in window)) return; // an answer from a stale tab is refused by the server anyway
  const channel = new BroadcastChannel(`binome:${new URL(link).hash}`); // of one session, whatever the rest of its address
  channel.addEventListener("message", onOther);
  channel.postMessage("here");
}
