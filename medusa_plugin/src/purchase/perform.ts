import { MathBN, MedusaError, Modules, OrderWorkflowEvents, PaymentSessionStatus } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { authorizePaymentSessionForOrderWorkflow, completeCartWorkflowId } from "@medusajs/medusa/core-flows"
import { books } from "./books"
import { agreed } from "./ledger"
import { isCanceled, isPaidOtherwise, unbookedCaptures, type Cart, type Purchase } from "./purchase"
import { Refusal } from "./refusal"
import { walk, type Steps } from "./walk"
import type { Performed } from "./told"

type Step = "refuse_canceled" | "refuse_second" | "place" | "pay" | "capture" | "book" | "done"

/** What is missing until a performed payment is an order that is paid for, whatever a crash has left behind. */
export function next(purchase: Purchase): Step {
  const { order, payment } = purchase
  if (order && isCanceled(order)) return "refuse_canceled"
  if (!order) return "place"
  if (!payment && isPaidOtherwise(purchase)) return "refuse_second"
  if (!payment) return "pay" // a crash while the cart was completed: Medusa would call it an order for ever
  if (!payment.captured_at) return "capture"
  return unbookedCaptures(purchase).length ? "book" : "done"
}

const STEPS: Steps<Exclude<Step, "done">> = {
  refuse_canceled: async (_, { order }) => {
    throw new Refusal(409, "order_canceled", `Order ${order!.id} was canceled before its payment arrived.`)
  },

  refuse_second: async (_, { order }) => {
    throw new Refusal(409, "paid_twice", `Order ${order!.id} is paid already: take this payment back in Payme's cabinet.`)
  },

  // Completing the cart asks the provider last, after the stock was reserved: when there is none, nothing is paid in
  // Medusa, and the same call works after a restock. It is also the only call that is safe beside a storefront's own.
  place: async (scope, purchase) => {
    const cart = placeable(purchase)
    await straighten(scope, purchase)
    const engine = scope.resolve(Modules.WORKFLOW_ENGINE)
    const { errors } = await engine.run(completeCartWorkflowId, { input: { id: cart.id }, throwOnError: false })
    if (errors?.[0]) {
      throw whyNoOrder(errors[0].error)
    }
  },

  // `updatePaymentSessions`, in the plural, only writes: the provider is asked by the workflow.
  pay: async (scope, { session, order }) => {
    await books(scope).updatePaymentSessions({ id: session.id, status: PaymentSessionStatus.PENDING_AUTHORIZATION })
    await authorizePaymentSessionForOrderWorkflow(scope).run({ input: { payment_session_id: session.id } })
    // The crash has also cost the shop the news of its order.
    await scope.resolve(Modules.EVENT_BUS).emit({ name: OrderWorkflowEvents.PLACED, data: { id: order!.id } })
  },

  capture: async (scope, { payment }) => {
    await scope.resolve(Modules.PAYMENT).capturePayment({ payment_id: payment!.id })
  },

  book: async (scope, purchase) => {
    const transactions = unbookedCaptures(purchase).map(({ id, raw_amount }) => ({
      order_id: purchase.order!.id,
      amount: raw_amount,
      currency_code: purchase.session.currency_code,
      reference: "capture",
      reference_id: id,
    }))
    await scope.resolve(Modules.ORDER).addOrderTransactions(transactions)
  },
}

/** The cart, if its order would be of what was paid. */
function placeable({ session, cart }: Purchase): Cart {
  if (!cart) {
    throw new Refusal(409, "cart_not_found", `The cart of payment session ${session.id} is gone.`)
  }
  if (!MathBN.eq(cart.raw_total, session.raw_amount)) {
    throw new Refusal(409, "cart_changed", `Cart ${cart.id} is not of the sum that was paid any more.`)
  }
  return cart
}

/**
 * Leaves this session alone with its cart. Medusa completes a cart with whichever session comes first, and a change of the
 * cart that failed half way leaves its sum in the collection.
 */
async function straighten(scope: MedusaContainer, { session, collection }: Purchase): Promise<void> {
  const others = collection.payment_sessions.filter(({ id }) => id !== session.id)
  for (const { id } of others) {
    await scope.resolve(Modules.PAYMENT).deletePaymentSession(id).catch(unlessPaid)
  }
  if (!MathBN.eq(collection.raw_amount, session.raw_amount)) {
    await books(scope).updatePaymentCollections(collection.id, { amount: session.raw_amount })
  }
}

/** One that is paid, too, stays: its own message finds the order paid and waits for a person. */
function unlessPaid(failure: Error & { code?: string }): void {
  if (failure.code !== "already_paid") {
    throw failure
  }
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

