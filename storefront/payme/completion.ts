/** Placing the order: one call at a time per session, and its answer read whatever the shop's function returns. */

export type Outcome =
  | { kind: "placed" | "unpaid" | "refused" | "trouble" }
  | { kind: "navigation"; error: unknown }

export type PlaceOrder = () => Promise<unknown>

// Outlives components: React mounts twice in StrictMode, and steps of a checkout open and close.
const inFlight = new Map<string, Promise<Outcome>>()

export function complete(sessionId: string, placeOrder: PlaceOrder): Promise<Outcome> {
  const running = inFlight.get(sessionId)
  if (running) return running
  const call = attempt(placeOrder).finally(() => inFlight.delete(sessionId))
  inFlight.set(sessionId, call)
  return call
}

async function attempt(placeOrder: PlaceOrder): Promise<Outcome> {
  try {
    return { kind: readOutcome(await placeOrder()) }
  } catch (error) {
    return isNavigation(error) ? { kind: "navigation", error } : { kind: "trouble" }
  }
}

/** Next.js leaves a server action by throwing: redirect() and notFound() are not failures and belong to Next. */
function isNavigation(error: unknown): boolean {
  const digest = (error as { digest?: unknown } | null)?.digest
  return typeof digest === "string" && digest.startsWith("NEXT_")
}

const BY_ERROR_TYPE: Record<string, "unpaid" | "trouble"> = {
  payment_requires_more_error: "unpaid",
  payment_authorization_error: "trouble", // Medusa's provider stumbled, for instance over a sidecar out of reach
}

/**
 * Medusa's answer `{type: "order"}`, an order, or nothing at all (the function navigated itself) is an order.
 * `{type: "cart", error}` says why not. A bare cart, which the starter returns, says only that it is none.
 */
export function readOutcome(answer: unknown): "placed" | "unpaid" | "refused" | "trouble" {
  if (answer === undefined) return "placed"
  const { type, id, error } = (answer ?? {}) as { type?: unknown; id?: unknown; error?: { type?: unknown } }
  if (type === "order" || (typeof id === "string" && id.startsWith("order_"))) return "placed"
  return BY_ERROR_TYPE[String(error?.type)] ?? "refused"
}
