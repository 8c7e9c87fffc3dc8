import { MedusaError } from "@medusajs/framework/utils"
import type { MedusaContainer } from "@medusajs/framework/types"
import { Denied, type PaymeSession } from "../sidecar/client"
import { isPayme, sidecarOf } from "../sidecar/connection"

export interface Session {
  id: string
  provider_id: string
}

/** What the sidecar knows of those of the sessions that are Payme's; one it does not know was never paid. */
export async function inTheBooks(scope: MedusaContainer, sessions: Session[]): Promise<PaymeSession[]> {
  const asked = sessions
    .filter(({ provider_id }) => isPayme(provider_id))
    .map(({ id, provider_id }) => sidecarOf(scope, provider_id).session(id).catch(unknown))
  return (await Promise.all(asked)).filter((session) => session !== null)
}

export function isPaid({ status }: PaymeSession): boolean {
  return status === "captured"
}

/** Payme is at work on it, or done: the sum must stay what it is. */
export function isHeld(session: PaymeSession): boolean {
  return isPaid(session) || (session.status === "pending" && session.transaction?.state === 1)
}

export function refuse(code: string, message: string): never {
  throw new MedusaError(MedusaError.Types.NOT_ALLOWED, message, code)
}

function unknown(failure: Error): null {
  if (failure instanceof Denied && failure.status === 404) {
    return null
  }
  throw failure
}
