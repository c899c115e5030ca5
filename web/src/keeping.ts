/** What this browser keeps of the page between two visits; where it refuses, the page's own memory. */
export interface Keeping {
  /** Whether what is kept outlives the page. */
  readonly lasting: boolean;
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
}

const PROBE = "binome:probe";

/** Blocked cookies block localStorage too: touching it throws, or writing does. */
export function openKeeping(): Keeping {
  try {
    localStorage.setItem(PROBE, "1");
    localStorage.removeItem(PROBE);
    return {
      lasting: true,
      get: (key) => localStorage.getItem(key),
      set: (key, value) => localStorage.setItem(key, value),
      remove: (key) => localStorage.removeItem(key),
    };
  } catch (error) {
    console.warn("The browser keeps nothing for this page.", error);
    return inMemory();
  }
}

export function inMemory(): Keeping {
  const values = new Map<string, string>();
  return {
    lasting: false,
    get: (key) => values.get(key) ?? null,
    set: (key, value) => void values.set(key, value),
    remove: (key) => void values.delete(key),
  };
}
