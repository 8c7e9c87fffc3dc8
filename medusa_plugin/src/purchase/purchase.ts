import { ContainerRegistrationKeys, MathBN, OrderStatus } from "@medusajs/framework/utils"
import type { BigNumberInput, MedusaContainer } from "@medusajs/framework/types"
import { isPayme } from "../sidecar/connection"
import { Refusal } from "./refusal"

interface Amount {
  id: string
  raw_amount: BigNumberInput
}

export interface Payment {
  id: string
  captured_at: string | null
  data: Record<string, unknown>
  captures: Amount[]
  refunds: Amount[]
}

export interface Order {
  id: string
  status: OrderStatus
  fulfillments: { canceled_at: string | null }[]
  transactions: { reference_id: string | null }[]
}

/** Everything Medusa knows of one Payme payment session, read afresh each time: no step trusts what it saw before. */
export interface Purchase {
  session: {
    id: string
    status: string
    provider_id: string
    currency_code: string
    raw_amount: BigNumberInput
    payment_collection_id: string
  }
  cartId: string | undefined
  order: Order | undefined
  payment: Payment | undefined
}

/** @throws Refusal 404 when there is no such session, or when it is another provider's */
export async function purchaseOf(scope: MedusaContainer, sessionId: string): Promise<Purchase> {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const first = async (entity: string, fields: string[], filters: object) =>
    (await query.graph({ entity, fields, filters } as Parameters<typeof query.graph>[0])).data[0]

  const session = await first("payment_session", SESSION, { id: sessionId })
  if (!isPayme(session?.provider_id)) {
    throw new Refusal(404, "session_not_found", `Medusa has no Payme payment session ${sessionId}.`)
  }
  const collection = { payment_collection_id: session.payment_collection_id }
  const inCart = await first("cart_payment_collection", ["cart_id"], collection)
  // Of a cart first: the link to the order is the newer one, and a crash can leave only one of the two.
  const ordered =
    (inCart && (await first("order_cart", ["order_id"], { cart_id: inCart.cart_id }))) ??
    (await first("order_payment_collection", ["order_id"], collection))
  const order = ordered && (await first("order", ORDER, { id: ordered.order_id }))
  return { session, cartId: inCart?.cart_id, order: order ?? undefined, payment: session.payment ?? undefined }
}

const SESSION = [
  "id",
  "status",
  "provider_id",
  "currency_code",
  "amount",
  "raw_amount",
  "payment_collection_id",
  "payment.id",
  "payment.captured_at",
  "payment.data",
  "payment.captures.id",
  "payment.captures.raw_amount",
  "payment.refunds.id",
  "payment.refunds.raw_amount",
]
const ORDER = ["id", "status", "fulfillments.canceled_at", "transactions.reference_id"]

export function captured(payment: Payment) {
  return sum(payment.captures)
}

/** What was captured and not refunded yet, in so'm. */
export function remaining(payment: Payment) {
  return MathBN.sub(captured(payment), sum(payment.refunds))
}

export function isCanceled({ status }: Order): boolean {
  return status === OrderStatus.CANCELED
}

/** Whether Medusa would cancel it; else only the money can be booked back. */
export function isCancelable({ status, fulfillments }: Order): boolean {
  return status !== OrderStatus.COMPLETED && fulfillments.every(({ canceled_at }) => canceled_at !== null)
}

/** Captures which the order has not been credited with. */
export function unbooked({ payment, order }: Purchase): Amount[] {
  const booked = new Set(order?.transactions.map(({ reference_id }) => reference_id))
  return payment?.captures.filter(({ id }) => !booked.has(id)) ?? []
}

function sum(amounts: Amount[]) {
  return amounts.reduce((total, { raw_amount }) => MathBN.add(total, raw_amount), MathBN.convert(0))
}
