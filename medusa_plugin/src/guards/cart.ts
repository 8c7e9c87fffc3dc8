import { MathBN } from "@medusajs/framework/utils"
import type { BigNumberInput, MedusaContainer } from "@medusajs/framework/types"
import { books, read } from "../purchase/books"
import { isPayme } from "../sidecar/connection"
import { inTheBooks, isHeld, isPaid, refuse, type Session } from "./money"

interface Cart {
  id: string
  raw_total?: BigNumberInput
  currency_code?: string
  completed_at?: string | null
  payment_collection?: Collection
}

interface Collection {
  id: string
  raw_amount: BigNumberInput
  currency_code: string
  payment_sessions?: (Session & { raw_amount: BigNumberInput })[]
}

const CART = ["id", "completed_at", "currency_code", "total", "raw_total"]
const COLLECTION = ["id", "amount", "raw_amount", "currency_code", "payment_sessions.*"].map((field) => `payment_collection.${field}`)

/**
 * Keeps the sum of a cart while Payme is at work on it or has performed.
 *
 * For `refreshPaymentCollectionForCartWorkflow.hooks.validate`. A shop that has a handler of its own there calls this one
 * from it: Medusa takes one handler per application.
 *
 * @throws MedusaError not_allowed; Medusa then takes the change of the cart back
 */
export async function holdCart(cart: Cart | undefined, scope: MedusaContainer): Promise<void> {
  if (!cart?.payment_collection || isOfItsSum(cart)) {
    return
  }
  const found = await cartOf(scope, cart.payment_collection.id)
  if ((await inTheBooks(scope, found?.payment_collection?.payment_sessions ?? [])).some(isHeld)) {
    refuse("payme_payment_under_way", "A Payme payment of this cart is under way; the cart cannot change until it has ended.")
  }
}

/**
 * Lets a shopper choose how to pay, if the cart is still to be paid, and for its sum: a change of the cart that failed half way
 * leaves another one in the collection, and Medusa would ask for that.
 *
 * @throws MedusaError not_allowed when the cart is paid: a second payment session would ask for the money again
 */
export async function admitChoice(scope: MedusaContainer, cart: Cart): Promise<void> {
  const { completed_at, payment_collection, raw_total, currency_code } = cart
  if ((await inTheBooks(scope, payment_collection?.payment_sessions ?? [])).some(isPaid)) {
    refuse("already_paid", "This cart has been paid with Payme; its order is being placed.")
  }
  if (completed_at) {
    refuse("order_placed", "The order of this cart has been placed; it takes no new payment.")
  }
  if (payment_collection && !isOfItsSum(cart)) {
    await books(scope).updatePaymentCollections(payment_collection.id, { amount: raw_total!, currency_code: currency_code! })
  }
}

/** @throws MedusaError not_allowed when the cart has grown, or shrunk, beside its Payme session */
export async function holdCompletion(scope: MedusaContainer, cartId: string): Promise<void> {
  const cart: Cart | undefined = await read(scope, "cart", [...CART, ...COLLECTION], { id: cartId })
  const sessions = cart?.payment_collection?.payment_sessions ?? []
  const isOfAnotherSum = ({ provider_id, raw_amount }: (typeof sessions)[number]) =>
    isPayme(provider_id) && !MathBN.eq(raw_amount, cart!.raw_total!)
  if (cart && !cart.completed_at && sessions.some(isOfAnotherSum)) {
    refuse("cart_changed", "The cart has changed since Payme was chosen: choose how to pay again.")
  }
}

export async function cartOf(scope: MedusaContainer, collectionId: string): Promise<Cart | undefined> {
  const link = await read(scope, "cart_payment_collection", ["cart_id"], { payment_collection_id: collectionId })
  return link && (await read(scope, "cart", [...CART, ...COLLECTION], { id: link.cart_id }))
}

function isOfItsSum({ raw_total, currency_code, payment_collection }: Cart): boolean {
  const { raw_amount, currency_code: its } = payment_collection!
  return MathBN.eq(raw_amount, raw_total ?? -1) && its === currency_code
}
