import { Modules } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { purchaseOf, type Purchase } from "./purchase"

export type Steps<Step extends string> = Record<Step, (scope: MedusaContainer, purchase: Purchase) => Promise<void>>

interface Look {
  (): Promise<Purchase>
  /** Looks, takes the next step and looks again, until there is nothing left to do. */
  <Step extends string>(next: (purchase: Purchase) => Step | "done", steps: Steps<Step>): Promise<Purchase>
}

const LOCK_WAIT = 25 // seconds; the sidecar waits 30 for its answer

/**
 * Holds the purchase while something is done to it.
 *
 * The key is the session's own. Never the cart's: completing a cart takes that one, and it cannot be taken twice.
 */
export function walk<Answer>(scope: MedusaContainer, sessionId: string, visit: (look: Look) => Promise<Answer>): Promise<Answer> {
  const look = async <Step extends string>(next?: (purchase: Purchase) => Step | "done", steps?: Steps<Step>) => {
    let purchase = await purchaseOf(scope, sessionId)
    const taken = new Set<string>()
    for (let step = next?.(purchase) ?? "done"; step !== "done"; step = next!(purchase)) {
      if (taken.has(step)) {
        throw new Error(`payment session ${sessionId}: the step "${step}" changed nothing`)
      }
      taken.add(step)
      await steps![step](scope, purchase)
      purchase = await purchaseOf(scope, sessionId)
    }
    return purchase
  }
  return scope.resolve(Modules.LOCKING).execute([`payme:${sessionId}`], () => visit(look as Look), { timeout: LOCK_WAIT })
}
