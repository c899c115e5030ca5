/** A probability in the language's own way: `87 %` in French, one decimal near 0 and 1 where rounding would lie. */
export function percent(value: number, language: string): string {
  const digits = value > 0 && value < 1 && (value >= 0.995 || value < 0.005) ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: digits }).format(value);
}

export function number(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value);
}
