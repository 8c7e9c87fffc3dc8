import { ContainerRegistrationKeys } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { inTheBooks, isPaid, refuse } from "./money"

/**
 * Keeps an admin from cancelling an order whose money Payme still has.
 *
 * Medusa swallows the provider's "no" inside the cancel of an order, and would book a refund that nobody has made.
 *
 * @throws MedusaError not_allowed with the way to do it
 */
export async function holdOrder(scope: MedusaContainer, orderId: string): Promise<void> {
  const query = scope.resolve(ContainerRegistrationKeys.QUERY)
  const { data } = await query.graph({ entity: "order", fields: ["payment_collections.payment_sessions.*"], filters: { id: orderId } })
  const sessions = data.flatMap(({ payment_collections }) => payment_collections ?? [])
    .flatMap((collection) => collection?.payment_sessions ?? [])
    .filter((session) => session !== null)
  if ((await inTheBooks(scope, sessions)).some(isPaid)) {
    refuse(
      "refund_in_cabinet",
      "This order was paid with Payme. Cancel the payment in the Payme Business cabinet: the order is then refunded and cancelled by itself."
    )
  }
}
