import { MathBN, Modules } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { read } from "../purchase/books"
import { remaining, type Payment } from "../purchase/purchase"
import { LOCK_WAIT, lockOf } from "../purchase/walk"
import { isPayme } from "../sidecar/connection"
import { inTheBooks, isHeld, isPaid, refuse, type Session } from "./money"

interface Collection {
  payment_sessions?: Session[]
  payments?: (Payment & { provider_id: string })[]
}

const ORDER = ["payment_sessions.id", "payment_sessions.provider_id", "payments.id", "payments.provider_id", "payments.captures.raw_amount", "payments.refunds.raw_amount"]
const IN_CABINET =
  "This order was paid with Payme. Cancel the payment in the Payme Business cabinet: the order is then refunded and cancelled by itself."

/**
 * Keeps an admin from cancelling an order whose money Payme still has, or is about to take.
 *
 * Medusa swallows the provider's "no" inside the cancel of an order, and would book a refund that nobody has made.
 *
 * @throws MedusaError not_allowed with the way to do it
 */
export async function holdOrder(scope: MedusaContainer, orderId: string): Promise<void> {
  const sessions = (await collectionsOf(scope, orderId)).flatMap((collection) => collection.payment_sessions ?? [])
  const ours = sessions.filter(({ provider_id }) => isPayme(provider_id)).map(({ id }) => lockOf(id))
  // What the sidecar has begun here comes first: half way through, a refund looks as if it were made.
  await (ours.length ? scope.resolve(Modules.LOCKING).execute(ours, () => hold(scope, orderId), { timeout: LOCK_WAIT }) : null)
}

async function hold(scope: MedusaContainer, orderId: string): Promise<void> {
  const collections = await collectionsOf(scope, orderId)
  const payments = collections.flatMap((collection) => collection.payments ?? [])
  if (payments.some((payment) => isPayme(payment.provider_id) && MathBN.gt(remaining(payment), 0))) {
    refuse("refund_in_cabinet", IN_CABINET)
  }
  const sessions = await inTheBooks(scope, collections.flatMap((collection) => collection.payment_sessions ?? []))
  if (sessions.some(isPaid)) {
    refuse("refund_in_cabinet", IN_CABINET)
  }
  if (sessions.some(isHeld)) {
    refuse("payme_payment_under_way", "A Payme payment of this order is under way; the order cannot be cancelled until it has ended.")
  }
}

async function collectionsOf(scope: MedusaContainer, orderId: string): Promise<Collection[]> {
  const fields = ORDER.map((field) => `payment_collections.${field}`)
  return (await read(scope, "order", fields, { id: orderId }))?.payment_collections ?? []
}

/**
 * Keeps an admin from refunding a Payme payment by hand. Medusa writes a refund down before it asks the provider: a crash in
 * between would leave one that nobody has made.
 *
 * @throws MedusaError not_allowed with the way to do it
 */
export async function holdPayment(scope: MedusaContainer, paymentId: string): Promise<void> {
  const payment = await read(scope, "payment", ["provider_id"], { id: paymentId })
  if (isPayme(payment?.provider_id)) {
    refuse("refund_in_cabinet", IN_CABINET)
  }
}
