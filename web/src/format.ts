/** A probability in the language's own way: `87 %` in French, one decimal near 0 and 1 where rounding would lie. */
export function percent(value: number, language: string): string {
  const digits = value > 0 && value < 1 && (value >= 0.995 || value < 0.005) ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(value);
}

export function number(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 6 }).format(value);
}

/** Seconds as a countdown shows them: `1:05`. */
export function clockTime(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Day and hour in the language's own way, on this device's clock; the hour names its zone. */
export function moment(time: Date, language: string, timeZone?: string): { day: string; hour: string } {
  const day = new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone }).format(time);
  const hour = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", timeZoneName: "short", timeZone }).format(time);
  return { day: day.charAt(0).toLocaleUpperCase(language) + day.slice(1), hour };
}

/** A number as one types it in the language: nothing between the thousands, and no digit lost. */
export function typedNumber(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 12, useGrouping: false }).format(value);
}

const THOUSANDS = /^-?\d{1,3}(,\d{3})+(\.\d*)?$/;
const NUMBER = /^-?(\d+\.?\d*|\.\d+)$/;

/** The number that a text says, its decimals after a comma or a point; NaN where it says none. */
export function readNumber(text: string, language: string): number {
  let digits = text.replace(/\s/g, "").replace(/^[−–]/, "-");
  // What is 1200 in English is 1.2 in French.
  if (typedNumber(0.5, language).includes(".") && THOUSANDS.test(digits)) digits = digits.replaceAll(",", "");
  digits = digits.replace(",", ".");
  return NUMBER.test(digits) ? Number(digits) : Number.NaN;
}
