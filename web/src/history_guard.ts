/** The back button leads to no earlier answer: it stays on the page, which says why. */

/** Calls `onBack` instead of leaving, once the operator has done something on the page. */
export function guardHistory(onBack: () => void): void {
  let armed = false;
  // Browsers skip entries that a page made without having been touched: after each step back, the next input makes one.
  const arm = (): void => {
    if (!armed) history.pushState({ binome: "guard" }, "");
    armed = true;
  };
  for (const type of ["pointerup", "keydown"]) window.addEventListener(type, arm, { capture: true });
  window.addEventListener("popstate", () => {
    history.pushState({ binome: "guard" }, "");
    armed = false;
    onBack();
  });
}
