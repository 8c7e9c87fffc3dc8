import { ContainerRegistrationKeys, MathBN, MedusaError } from "@medusajs/framework/utils"
import type { BigNumberInput, MedusaContainer } from "@medusajs/framework/types"
import { z } from "@medusajs/framework/zod"
import { PREFIX } from "../sidecar/connection"
import { tiyin, type Tiyin } from "../sidecar/tiyin"
import { sum, type Amount } from "./purchase"

const LIMIT = 200
const LIMIT_MAX = 500
const SESSIONS_MAX = 100

/** What a query of the route may be: a period of payments page by page, or payment sessions by name. */
export type Asked = { sessionIds: string[] } | { from: number; to: number; after?: string; limit: number }

/** A payment as the sidecar reads it; amounts in tiyin, times in milliseconds. A payment session has one at most. */
export interface ListedPayment {
  session_id: string
  payment_id: string
  order_ids: string[]
  currency_code: string
  status: "authorized" | "captured" | "refunded" | "canceled"
  amount: Tiyin
  captured_amount: Tiyin
  refunded_amount: Tiyin
  created_time: number
  captured_time: number | null
  canceled_time: number | null
}

export interface StoredPayment {
  id: string
  currency_code: string
  raw_amount: BigNumberInput
  created_at: Date | string
  captured_at: Date | string | null
  canceled_at: Date | string | null
  payment_session: { id: string } | null
  payment_collection_id: string
  captures: Amount[]
  refunds: Amount[]
}

const moment = z.coerce.number().int().min(0).max(8.64e15)
const Query = z.object({
  session_ids: z.string().min(1).optional(),
  from: moment.optional(),
  to: moment.optional(),
  after: z.string().min(1).max(128).optional(),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT),
})

/** @throws MedusaError invalid_data, which Medusa answers with 400 */
export function asked(query: unknown): Asked {
  const read = Query.safeParse(query)
  if (!read.success) {
    throw impossible(read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "))
  }
  const { session_ids, from, to, after, limit } = read.data
  if (session_ids !== undefined) {
    const sessionIds = session_ids.split(",")
    if (sessionIds.length > SESSIONS_MAX) throw impossible(`more than ${SESSIONS_MAX} session_ids`)
    return { sessionIds }
  }
  if (from === undefined || to === undefined) throw impossible("from and to, or session_ids, are missing")
  return { from, to, after, limit }
}

/**
 * Payments made with Payme in [from, to), in the order of their ids; `next` is the `after` of the page that follows. Asked for
 * sessions, those of them that have a payment, whenever it was made.
 */
export async function payments(scope: MedusaContainer, which: Asked): Promise<{ payments: ListedPayment[]; next: string | null }> {
  const limit = "limit" in which ? which.limit : which.sessionIds.length
  const found: StoredPayment[] = await list(scope, "payment", FIELDS, filters(which), { take: limit + 1, order: { id: "ASC" } })
  const page = found.slice(0, limit)
  const orders = await ordersOf(scope, page.map(({ payment_collection_id }) => payment_collection_id))
  return {
    payments: page.map((payment) => listed(payment, [...(orders.get(payment.payment_collection_id) ?? [])])),
    next: found.length > limit ? page.at(-1)!.id : null,
  }
}

export function listed(payment: StoredPayment, orderIds: string[]): ListedPayment {
  const captured = whole(sum(payment.captures))
  const refunded = whole(sum(payment.refunds))
  return {
    session_id: payment.payment_session?.id ?? payment.id, // it never is without one; a name of nobody's, if it were
    payment_id: payment.id,
    order_ids: orderIds,
    currency_code: payment.currency_code,
    status: payment.canceled_at ? "canceled" : refunded ? "refunded" : captured ? "captured" : "authorized",
    amount: whole(payment.raw_amount),
    captured_amount: captured,
    refunded_amount: refunded,
    created_time: time(payment.created_at)!,
    captured_time: time(payment.captured_at),
    canceled_time: time(payment.canceled_at),
  }
}

const FIELDS = [
  "id",
  "currency_code",
  "amount",
  "raw_amount",
  "created_at",
  "captured_at",
  "canceled_at",
  "payment_session.id",
  "payment_collection_id",
  "captures.id",
  "captures.raw_amount",
  "refunds.id",
  "refunds.raw_amount",
]

function filters(which: Asked): object {
  const ours = { provider_id: { $like: `${PREFIX}%` } }
  if ("sessionIds" in which) return { ...ours, payment_session_id: which.sessionIds }
  const made = { created_at: { $gte: new Date(which.from), $lt: new Date(which.to) } }
  return { ...ours, ...made, ...(which.after ? { id: { $gt: which.after } } : {}) }
}

/** The orders of each collection, by its own link and by its cart's: a crash can leave only one of the two. */
async function ordersOf(scope: MedusaContainer, collections: string[]): Promise<Map<string, Set<string>>> {
  const orders = new Map(collections.map((id) => [id, new Set<string>()]))
  if (!collections.length) return orders
  const of = { payment_collection_id: [...orders.keys()] }
  for (const { payment_collection_id, order_id } of await list(scope, "order_payment_collection", ["payment_collection_id", "order_id"], of)) {
    orders.get(payment_collection_id)?.add(order_id)
  }
  const carts = await list(scope, "cart_payment_collection", ["payment_collection_id", "cart_id"], of)
  const placed = carts.length ? await list(scope, "order_cart", ["cart_id", "order_id"], { cart_id: carts.map(({ cart_id }) => cart_id) }) : []
  const orderOf = new Map(placed.map(({ cart_id, order_id }) => [cart_id, order_id]))
  for (const { payment_collection_id, cart_id } of carts) {
    if (orderOf.has(cart_id)) orders.get(payment_collection_id)?.add(orderOf.get(cart_id))
  }
  return orders
}

async function list(scope: MedusaContainer, entity: string, fields: string[], filters: object, pagination?: object): Promise<any[]> {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  return (await query.graph({ entity, fields, filters, pagination } as Parameters<typeof query.graph>[0])).data
}

/** As `tiyin`, which takes no zero: nothing captured is none. */
function whole(som: BigNumberInput): Tiyin {
  return MathBN.eq(som, 0) ? 0 : tiyin(som)
}

function time(moment: Date | string | null): number | null {
  return moment === null || moment === undefined ? null : new Date(moment).getTime()
}

function impossible(why: string): MedusaError {
  return new MedusaError(MedusaError.Types.INVALID_DATA, why)
}
