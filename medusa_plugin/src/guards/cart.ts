import { ContainerRegistrationKeys, MathBN } from "@medusajs/framework/utils"
import type { BigNumberInput, MedusaContainer } from "@medusajs/framework/types"
import { inTheBooks, isHeld, isPaid, refuse } from "./money"

interface Cart {
  raw_total?: BigNumberInput
  currency_code?: string
  payment_collection?: { id: string; raw_amount: BigNumberInput; currency_code: string }
}

/**
 * Keeps the sum of a cart while Payme is at work on it or has performed.
 *
 * For `refreshPaymentCollectionForCartWorkflow.hooks.validate`. A shop that has a handler of its own there calls this one
 * from it: Medusa takes one handler per application.
 *
 * @throws MedusaError not_allowed; Medusa then takes the change of the cart back
 */
export async function holdCart(cart: Cart | undefined, scope: MedusaContainer): Promise<void> {
  const collection = cart?.payment_collection
  if (!collection || sameSum(cart, collection)) {
    return
  }
  if ((await inTheBooks(scope, await sessionsOf(scope, collection.id))).some(isHeld)) {
    refuse("payme_payment_under_way", "A Payme payment of this cart is under way; the cart cannot change until it has ended.")
  }
}

/** @throws MedusaError not_allowed when the cart is paid: a second payment session would ask for the money again */
export async function holdSession(scope: MedusaContainer, collectionId: string): Promise<void> {
  if ((await inTheBooks(scope, await sessionsOf(scope, collectionId))).some(isPaid)) {
    refuse("already_paid", "This cart has been paid with Payme; its order is being placed.")
  }
}

function sameSum({ raw_total, currency_code }: Cart, collection: NonNullable<Cart["payment_collection"]>): boolean {
  return MathBN.eq(collection.raw_amount, raw_total ?? -1) && collection.currency_code === currency_code
}

async function sessionsOf(scope: MedusaContainer, collectionId: string) {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const filters = { payment_collection_id: collectionId }
  return (await query.graph({ entity: "payment_session", fields: ["id", "provider_id"], filters })).data
}
