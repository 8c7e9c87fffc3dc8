import type { MedusaContainer } from "@medusajs/framework/types"
import { sidecarOf } from "../sidecar/connection"
import { noSuchSession } from "./ledger"
import { purchaseOf } from "./purchase"

/**
 * One payment in both books: Medusa's ids, and what the sidecar says.
 *
 * @throws Refusal 404 for a session that Medusa does not have, 409 for one that the sidecar does not have
 */
export async function account(scope: MedusaContainer, sessionId: string) {
  const { session, order, payment } = await purchaseOf(scope, sessionId)
  const { amount, status, transaction, fiscal_receipts } = await sidecarOf(scope, session.provider_id).session(session.id).catch(noSuchSession)
  return {
    payment_session_id: session.id,
    order_id: order?.id ?? null,
    payment_id: payment?.id ?? null,
    amount,
    status,
    transaction,
    fiscal_receipts: fiscal_receipts ?? [],
  }
}
