import { AsyncLocalStorage } from "node:async_hooks"
import type { Goods } from "./detail"

/**
 * A payment provider sees a sum, and `data` that the shopper may have written; not the cart. The route that knows the cart lends
 * its goods to whatever happens in its call.
 */
const goods = new AsyncLocalStorage<Goods | undefined>()

export function lend<Answer>(of: Goods | undefined, work: () => Answer): Answer {
  return goods.run(of, work)
}

export function lent(): Goods | undefined {
  return goods.getStore()
}
