/** The little of a browser that is needed, given from outside so that a test can be one. */

import type { Hint } from "./stage"

export interface Browser {
  fetch: typeof globalThis.fetch
  search: () => string
  leave: (address: string) => void
  /** Hands on what Next throws to navigate. */
  letGo: (error: unknown) => void
  /** Calls back when the shopper looks at this page again: from another tab or app, or by "Back" out of the cache. */
  onReturn: (listener: () => void) => () => void
}

export const theBrowser: Browser = {
  fetch: (...request) => globalThis.fetch(...request),
  search: () => window.location.search,
  leave: (address) => window.location.assign(address),
  // A rejection that nobody catches: Next listens for it. Thrown while drawing instead, Next 15.5 sometimes stayed on
  // the old page (3 of 8 in a real browser).
  letGo: (error) => void Promise.reject(error),
  onReturn: (listener) => {
    const seen = () => document.visibilityState === "visible" && listener()
    const shown = (event: PageTransitionEvent) => event.persisted && listener()
    document.addEventListener("visibilitychange", seen)
    window.addEventListener("pageshow", shown)
    return () => {
      document.removeEventListener("visibilitychange", seen)
      window.removeEventListener("pageshow", shown)
    }
  },
}

const HINTS: readonly string[] = ["success", "pending", "canceled", "failed"] satisfies Hint[]

/** An unknown word is no hint. */
export function hintOf(word: string | null | undefined): Hint {
  return word && HINTS.includes(word) ? (word as Hint) : "none"
}

export function hintIn(search: string): Hint {
  return hintOf(new URLSearchParams(search).get("payment"))
}
