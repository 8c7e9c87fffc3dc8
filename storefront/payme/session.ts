/** Medusa's payment session, as far as Payme's button looks at it. */

import { isPayme } from "./provider"

export interface PaymeSession {
  id: string
  status: string
  data?: Record<string, unknown> | null
}

/** The address of Payme's page, if the session has one that a browser can be sent to. */
export function checkoutLink(session: PaymeSession): string | null {
  const link = session.data?.checkout_url
  return typeof link === "string" && isWebAddress(link) ? link : null
}

function isWebAddress(text: string): boolean {
  try {
    return ["https:", "http:"].includes(new URL(text).protocol)
  } catch {
    return false
  }
}

const PREFERENCE = ["captured", "authorized", "pending", "requires_more"]

/**
 * Payme's session among a cart's: a paid one before one that can be paid, and either before a dead one.
 * Storefronts look for "pending" only and lose sight of a payment that has come.
 */
export function findPaymeSession<S extends { provider_id: string; status: string }>(
  sessions?: readonly S[] | null,
): S | undefined {
  const ours = (sessions ?? []).filter((session) => isPayme(session.provider_id))
  const preferred = PREFERENCE.map((status) => ours.find((session) => session.status === status))
  return preferred.find((session) => session !== undefined) ?? ours[0]
}
