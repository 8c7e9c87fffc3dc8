/** Medusa's "no" in plain words. It sends an English message and no code, so known messages are told by their words. */
import { FetchError } from "@medusajs/js-sdk"
import { say, type Locale, type TextKey } from "./texts"

export interface Refusal {
  text: TextKey
  words: string
}

const KNOWN: [RegExp, TextKey][] = [
  [/Payme payment of this cart is under way/, "refusal.held"],
  [/has been paid with Payme/, "refusal.paid"],
  [/required inventory|not enough stock|insufficient/i, "refusal.stock"],
  [/already completed/, "refusal.completed"],
  [/Order id not found/, "refusal.no_order"],
]

/** An answer of 500 or more has words for a developer only; a failure that is no answer at all has none. */
export function refusalOf(failure: unknown): Refusal {
  if (!(failure instanceof FetchError)) {
    return { text: failure instanceof TypeError ? "refusal.unreachable" : "refusal.unavailable", words: "" }
  }
  const { message, status = 0 } = failure
  const known = KNOWN.find(([words]) => words.test(message))?.[1]
  return { text: known ?? (status < 500 ? "refusal.said" : "refusal.unavailable"), words: message }
}

/** A refusal that came inside a good answer, as that of a cart which cannot be completed. */
export function refused(message: string): FetchError {
  return new FetchError(message, undefined, 400)
}

export function inWords({ text, words }: Refusal, locale: Locale): string {
  return say(text, locale, { words })
}
