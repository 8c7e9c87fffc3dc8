import { MathBN, OrderStatus } from "@medusajs/framework/utils"
import type { BigNumberInput, MedusaContainer } from "@medusajs/framework/types"
import { isPayme } from "../sidecar/connection"
import { read } from "./books"
import { Refusal } from "./refusal"

export interface Amount {
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

/** What the sessions of one cart share; a shopper pays with one of them. */
export interface Collection {
  id: string
  raw_amount: BigNumberInput
  payment_sessions: { id: string }[]
  payments: Payment[]
}

export interface Cart {
  id: string
  raw_total: BigNumberInput
}

export interface Order {
  id: string
  status: OrderStatus
  fulfillments: { canceled_at: string | null }[]
  transactions: { reference_id: string | null }[]
  payment_collections: { payments: Payment[] }[]
}

/** Everything Medusa knows of one Payme payment session, read afresh each time: no step trusts what it saw before. */
export interface Purchase {
  session: {
    id: string
    status: string
    provider_id: string
    currency_code: string
    raw_amount: BigNumberInput
  }
  collection: Collection
  cart: Cart | undefined
  order: Order | undefined
  payment: Payment | undefined
}

/** @throws Refusal 404 when there is no such session, or when it is another provider's */
export async function purchaseOf(scope: MedusaContainer, sessionId: string): Promise<Purchase> {
  const session = await read(scope, "payment_session", SESSION, { id: sessionId })
  if (!isPayme(session?.provider_id)) {
    throw new Refusal(404, "session_not_found", `Medusa has no Payme payment session ${sessionId}.`)
  }
  const of = { payment_collection_id: session.payment_collection_id }
  const collection = await read(scope, "payment_collection", COLLECTION, { id: of.payment_collection_id })
  const inCart = await read(scope, "cart_payment_collection", ["cart_id"], of)
  // Of a cart first: the link to the order is the newer one, and a crash can leave only one of the two.
  const ordered =
    (inCart && (await read(scope, "order_cart", ["order_id"], { cart_id: inCart.cart_id }))) ??
    (await read(scope, "order_payment_collection", ["order_id"], of))
  return {
    session,
    collection,
    cart: inCart && (await read(scope, "cart", CART, { id: inCart.cart_id })),
    order: ordered && (await read(scope, "order", ORDER, { id: ordered.order_id })),
    payment: session.payment ?? undefined,
  }
}

const money = (of: string) => ["id", "captures.id", "captures.raw_amount", "refunds.id", "refunds.raw_amount"].map((field) => `${of}.${field}`)

const SESSION = [
  "id",
  "status",
  "provider_id",
  "currency_code",
  "amount",
  "raw_amount",
  "payment.captured_at",
  "payment.data",
  ...money("payment"),
  "payment_collection_id",
]
const COLLECTION = ["id", "amount", "raw_amount", "payment_sessions.id", ...money("payments")]
const CART = ["id", "total", "raw_total"]
const ORDER = [
  "id",
  "status",
  "fulfillments.canceled_at",
  "transactions.reference_id",
  ...money("payment_collections.payments"),
]

/** What was captured and not refunded yet, in so'm. */
export function remaining({ captures, refunds }: Payment) {
  return MathBN.sub(sum(captures), sum(refunds))
}

/** Whether the cart's order is paid already, by another of its sessions. */
export function isPaidOtherwise({ collection, payment }: Purchase): boolean {
  return collection.payments.some((other) => other.id !== payment?.id && holdsMoney(other))
}

export function isCanceled({ status }: Order): boolean {
  return status === OrderStatus.CANCELED
}

/**
 * Whether Medusa would cancel it for this payment. Else only the money can be booked back: what was shipped stays an order,
 * and cancelling would book a refund of every other payment, whoever has its money.
 */
export function isCancelable({ status, fulfillments, payment_collections }: Order, payment: Payment | undefined): boolean {
  const others = payment_collections.flatMap(({ payments }) => payments).filter(({ id }) => id !== payment?.id)
  return (
    status !== OrderStatus.COMPLETED &&
    fulfillments.every(({ canceled_at }) => canceled_at !== null) &&
    !others.some(holdsMoney)
  )
}

/** Captures which the order has not been credited with. */
export function unbookedCaptures({ payment, order }: Purchase): Amount[] {
  return payment?.captures.filter(({ id }) => !isBooked(order, id)) ?? []
}

/** Refunds which the order does not know of. Medusa books some under the refund's id and some under the payment's. */
export function unbookedRefunds({ payment, order }: Purchase): Amount[] {
  return payment?.refunds.filter(({ id }) => !isBooked(order, id) && !isBooked(order, payment.id)) ?? []
}

function isBooked(order: Order | undefined, reference: string): boolean {
  return order?.transactions.some(({ reference_id }) => reference_id === reference) ?? false
}

function holdsMoney(payment: Payment): boolean {
  return MathBN.gt(remaining(payment), 0)
}

export function sum(amounts: Amount[]) {
  return amounts.reduce((total, { raw_amount }) => MathBN.add(total, raw_amount), MathBN.convert(0))
}
