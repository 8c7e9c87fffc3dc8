import { MathBN } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { cancelOrderWorkflow, refundPaymentWorkflow } from "@medusajs/medusa/core-flows"
import { agreed } from "./ledger"
import { isCancelable, isCanceled, remaining, type Purchase } from "./purchase"
import { Refusal } from "./refusal"
import type { TakenBack } from "./told"
import { walk, type Steps } from "./walk"

type Step = "refund" | "cancel" | "done"

/**
 * What is left to undo. The refund comes first and by itself: inside its cancel of an order Medusa swallows a refund that
 * failed, and books it all the same.
 */
export function next({ order, payment }: Purchase): Step {
  if (payment && order && MathBN.gt(remaining(payment), 0)) return "refund"
  return order && !isCanceled(order) && isCancelable(order) ? "cancel" : "done"
}

const STEPS: Steps<Exclude<Step, "done">> = {
  refund: async (scope, { payment }) => {
    const input = { payment_id: payment!.id, amount: remaining(payment!), note: "Payme has taken the payment back" }
    await refundPaymentWorkflow(scope).run({ input })
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
