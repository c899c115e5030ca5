/** Whether the key press means `key`. Digits count by place too: French keyboards give them only with shift. */
export function pressed(event: KeyboardEvent, key: string): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false;
  if (/^[0-9]$/.test(key)) return event.code === `Digit${key}` || event.code === `Numpad${key}` || event.key === key;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** Whether the focus is where letters and digits are text. */
export function typing(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && ["text", "number"].includes(target.type);
}

/** Whether Enter already has a meaning where the focus is. */
export function actsOnEnter(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, textarea, select, dialog") !== null;
}
