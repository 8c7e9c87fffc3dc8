import type { MedusaContainer } from "@medusajs/framework/types"
import { Denied, type PaymeSession } from "../sidecar/client"
import { sidecarOf } from "../sidecar/connection"
import { tiyin } from "../sidecar/tiyin"
import type { Purchase } from "./purchase"
import { Refusal } from "./refusal"

interface Told {
  transaction_id: string
  amount: number
}

/**
 * What the sidecar's books say of this purchase, after it was compared with what we were told and what Medusa has.
 *
 * @throws Refusal 409 when the three do not agree: the message is about another payment, or one of us is wrong
 */
export async function agreed(scope: MedusaContainer, purchase: Purchase, told: Told): Promise<PaymeSession> {
  const { session, payment } = purchase
  const ledger = await sidecarOf(scope, session.provider_id).session(session.id).catch(noSuchSession)
  const disagreements: [string, boolean, string][] = [
    ["amount_mismatch", tiyin(session.raw_amount) !== told.amount, `Medusa's session is of another amount than ${told.amount} tiyin.`],
    ["amount_mismatch", ledger.amount !== told.amount, `The sidecar's session is of another amount than ${told.amount} tiyin.`],
    ["transaction_mismatch", ledger.transaction?.id !== told.transaction_id, `The sidecar knows another transaction than ${told.transaction_id}.`],
    ["transaction_mismatch", isOfAnother(payment?.data, told), `The payment in Medusa is of another transaction than ${told.transaction_id}.`],
  ]
  const found = disagreements.find(([, disagrees]) => disagrees)
  if (found) {
    throw new Refusal(409, found[0], found[2])
  }
  return ledger
}

function isOfAnother(data: Record<string, unknown> | undefined, told: Told): boolean {
  const transaction = data?.transaction as { id?: string } | null | undefined
  return transaction?.id !== undefined && transaction.id !== told.transaction_id
}

/** @throws Refusal 409: Medusa's session, and not the sidecar's */
export function noSuchSession(failure: Error): never {
  throw failure instanceof Denied ? new Refusal(409, "not_in_the_books", failure.message) : failure
}
