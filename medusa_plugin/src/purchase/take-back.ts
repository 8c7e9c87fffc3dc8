import { MathBN, Modules } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { cancelOrderWorkflow, refundPaymentWorkflow } from "@medusajs/medusa/core-flows"
import { books } from "./books"
import { agreed } from "./ledger"
import { isCancelable, isCanceled, remaining, sum, unbookedRefunds, type Purchase } from "./purchase"
import { Refusal } from "./refusal"
import type { TakenBack } from "./told"
import { walk, type Steps } from "./walk"

type Step = "refund" | "book" | "cancel" | "done"

/**
 * What is left to undo. The refund comes first and by itself: inside its cancel of an order Medusa swallows a refund that
 * failed, and books it all the same.
 */
export function next(purchase: Purchase): Step {
  const { order, payment } = purchase
  if (!order) return "done"
  if (payment && MathBN.gt(remaining(payment), 0)) return "refund"
  if (unbookedRefunds(purchase).length) return "book" // a crash, or an admin's cancel, between the refund and its booking
  return !isCanceled(order) && isCancelable(order, payment) ? "cancel" : "done"
}

// What `refundPaymentWorkflow` does last; Medusa exports it by this name only.
const CREDIT_LINES = "create-order-refund-credit-lines"

const STEPS: Steps<Exclude<Step, "done">> = {
  refund: async (scope, { payment }) => {
    const input = { payment_id: payment!.id, amount: remaining(payment!), note: "Payme has taken the payment back" }
    await refundPaymentWorkflow(scope).run({ input })
  },
  book: async (scope, purchase) => {
    const { session, collection, order, payment } = purchase
    const refunds = unbookedRefunds(purchase)
    await scope.resolve(Modules.ORDER).addOrderTransactions(
      refunds.map(({ id, raw_amount }) => ({
        order_id: order!.id,
        amount: MathBN.mult(raw_amount, -1),
        currency_code: session.currency_code,
        reference: "refund",
        reference_id: id,
      }))
    )
    await books(scope).updatePaymentCollections(collection.id, { refunded_amount: sum(payment!.refunds) })
    if (!isCanceled(order!)) {
      const input = { order_id: order!.id, amount: sum(refunds) }
      await scope.resolve(Modules.WORKFLOW_ENGINE).run(CREDIT_LINES, { input })
    }
  },
  cancel: async (scope, { order }) => {
    await cancelOrderWorkflow(scope).run({ input: { order_id: order!.id } })
  },
}

/**
 * Undoes the order of a payment that Payme has taken back; what was shipped already stays an order, refunded.
 *
 * @throws Refusal when a person must look; any other error means "ask again"
 */
export function takeBack(scope: MedusaContainer, sessionId: string, told: TakenBack) {
  return walk(scope, sessionId, async (look) => {
    const ledger = await agreed(scope, await look(), told)
    if (ledger.transaction?.state !== -2) {
      throw new Refusal(409, "not_taken_back", "The sidecar does not say that Payme has taken this payment back.")
    }
    const { session, order, payment } = await look(next, STEPS)
    return {
      payment_session_id: session.id,
      order_id: order?.id ?? null,
      payment_id: payment?.id ?? null,
      status: order && !isCanceled(order) ? "refunded" : "canceled",
    }
  })
}
