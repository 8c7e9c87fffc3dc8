/** So'm as a shopper reads them. For the eye only: nothing is ever computed from what this returns. */
import { say, type Locale } from "./texts"

const NO_BREAK_SPACE = "\u00a0"

/** `140000` → `140 000 so‘m`. Medusa's amounts are major units; a fraction is shown when there is one. */
export function som(amount: number, locale: Locale): string {
  const [whole = "0", cents = "00"] = amount.toFixed(2).split(".")
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, NO_BREAK_SPACE)
  return grouped + (cents === "00" ? "" : `,${cents}`) + NO_BREAK_SPACE + say("money.som", locale)
}
