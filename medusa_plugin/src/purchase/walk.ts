import { Modules } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { purchaseOf, type Purchase } from "./purchase"

export type Steps<Step extends string> = Record<Step, (scope: MedusaContainer, purchase: Purchase) => Promise<void>>

interface Look {
  (): Promise<Purchase>
  /** Looks, takes the next step and looks again, until there is nothing left to do. */
  <Step extends string>(next: (purchase: Purchase) => Step | "done", steps: Steps<Step>): Promise<Purchase>
}

export const LOCK_WAIT = 25 // seconds; the sidecar waits 30 for its answer
const STEPS_MAX = 8

export const lockOf = (sessionId: string) => `payme:${sessionId}`

/** Holds the purchase while something is done to it. */
export function walk<Answer>(scope: MedusaContainer, sessionId: string, visit: (look: Look) => Promise<Answer>): Promise<Answer> {
  const look = async <Step extends string>(next?: (purchase: Purchase) => Step | "done", steps?: Steps<Step>) => {
    let purchase = await purchaseOf(scope, sessionId)
    for (let taken = 0; next && steps; taken += 1) {
      const step = next(purchase)
      if (step === "done") break
      if (taken === STEPS_MAX) throw new Error(`payment session ${sessionId} is not settled: "${step}" is next again`)
      await take(scope, purchase, step, next, steps)
      purchase = await purchaseOf(scope, sessionId)
    }
    return purchase
  }
  return alone(scope, lockOf(sessionId), () => visit(look as Look))
}

/**
 * Takes a step. Where there is an order, the cart is held, too, and the step is taken only if it is still the next one: a
 * shopper's own completion of the cart may be half way, and looks like a crash until it has ended. Without an order the step is
 * to complete the cart, and that takes the cart's lock itself.
 */
async function take<Step extends string>(
  scope: MedusaContainer,
  purchase: Purchase,
  step: Step,
  next: (purchase: Purchase) => Step | "done",
  steps: Steps<Step>
): Promise<void> {
  if (!purchase.order || !purchase.cart) {
    return steps[step](scope, purchase)
  }
  await alone(scope, purchase.cart.id, async () => {
    const now = await purchaseOf(scope, purchase.session.id)
    if (next(now) === step) await steps[step](scope, now)
  })
}

function alone<Answer>(scope: MedusaContainer, key: string, work: () => Promise<Answer>): Promise<Answer> {
  return scope.resolve(Modules.LOCKING).execute([key], work, { timeout: LOCK_WAIT })
}
