import { MedusaError, Modules, OrderWorkflowEvents, PaymentSessionStatus } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { authorizePaymentSessionForOrderWorkflow, completeCartWorkflowId } from "@medusajs/medusa/core-flows"
import { agreed } from "./ledger"
import { isCanceled, unbooked, type Purchase } from "./purchase"
import { Refusal } from "./refusal"
import { walk, type Steps } from "./walk"
import type { Performed } from "./told"

type Step = "refuse" | "place" | "pay" | "capture" | "book" | "done"

/** What is missing until a performed payment is an order that is paid for, whatever a crash has left behind. */
export function next({ order, payment, ...rest }: Purchase): Step {
  if (order && isCanceled(order)) return "refuse"
  if (!order) return "place"
  if (!payment) return "pay" // a crash while the cart was completed: Medusa would call it an order for ever
  if (!payment.captured_at) return "capture"
  return unbooked({ order, payment, ...rest }).length ? "book" : "done"
}

const STEPS: Steps<Exclude<Step, "done">> = {
  refuse: async (_, { order }) => {
    throw new Refusal(409, "order_canceled", `Order ${order!.id} was canceled before its payment arrived.`)
  },

  // Completing the cart asks the provider last, after the stock was reserved: when there is none, nothing is paid in
  // Medusa, and the same call works after a restock. It is also the only call that is safe beside a storefront's own.
  place: async (scope, { cartId, session }) => {
    if (!cartId) {
      throw new Refusal(409, "cart_not_found", `The cart of payment session ${session.id} is gone.`)
    }
    const engine = scope.resolve(Modules.WORKFLOW_ENGINE)
    const { errors } = await engine.run(completeCartWorkflowId, { input: { id: cartId }, throwOnError: false })
    if (errors?.[0]) {
      throw whyNoOrder(errors[0].error)
    }
  },

  // `updatePaymentSessions`, in the plural, only writes: the provider is asked by the workflow.
  pay: async (scope, { session, order }) => {
    const payments = scope.resolve(Modules.PAYMENT) as unknown as Writer
    await payments.updatePaymentSessions({ id: session.id, status: PaymentSessionStatus.PENDING_AUTHORIZATION })
    await authorizePaymentSessionForOrderWorkflow(scope).run({ input: { payment_session_id: session.id } })
    // The crash has also cost the shop the news of its order.
    await scope.resolve(Modules.EVENT_BUS).emit({ name: OrderWorkflowEvents.PLACED, data: { id: order!.id } })
  },

  capture: async (scope, { payment }) => {
    await scope.resolve(Modules.PAYMENT).capturePayment({ payment_id: payment!.id })
  },

  book: async (scope, purchase) => {
    const transactions = unbooked(purchase).map(({ id, raw_amount }) => ({
      order_id: purchase.order!.id,
      amount: raw_amount,
      currency_code: purchase.session.currency_code,
      reference: "capture",
      reference_id: id,
    }))
    await scope.resolve(Modules.ORDER).addOrderTransactions(transactions)
  },
}

interface Writer {
  updatePaymentSessions(change: { id: string; status: PaymentSessionStatus }): Promise<unknown>
}

/**
 * Makes the order of a performed payment exist and be paid; called again, it changes nothing more.
 *
 * @throws Refusal when a person must look; any other error means "ask again"
 */
export function perform(scope: MedusaContainer, sessionId: string, told: Performed) {
  return walk(scope, sessionId, async (look) => {
    const ledger = await agreed(scope, await look(), told)
    if (ledger.transaction?.state === -2) {
      return answer(await look(), "canceled") // Payme has taken it back since; the next message says so
    }
    if (ledger.status !== "captured") {
      throw new Refusal(409, "not_performed", "The sidecar does not call this payment performed.")
    }
    return answer(await look(next, STEPS), "captured")
  })
}

function answer({ session, order, payment }: Purchase, status: "captured" | "canceled") {
  return { payment_session_id: session.id, order_id: order?.id ?? null, payment_id: payment?.id ?? null, status }
}

// Medusa's own "no": the stock is gone, the cart cannot be an order. The rest may pass: a lock, a database, a sidecar
// that could not be asked.
const FINAL = new Set<string>([MedusaError.Types.NOT_ALLOWED, MedusaError.Types.INVALID_DATA, MedusaError.Types.NOT_FOUND])

function whyNoOrder(error: Error & { type?: string }): Error {
  return FINAL.has(error.type ?? "") ? new Refusal(409, "no_order", `Medusa cannot place the order: ${error.message}`) : error
}

