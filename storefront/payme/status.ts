/** The sidecar's public word on a payment: `GET {statusUrl}/payment-status/{session id}`. */

import type { Answer } from "./stage"

const PATIENCE = 5000

export async function askStatus(statusUrl: string, sessionId: string, fetch: typeof globalThis.fetch): Promise<Answer> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), PATIENCE)
  try {
    const address = `${statusUrl.replace(/\/+$/, "")}/payment-status/${encodeURIComponent(sessionId)}`
    // No cookies, no cache: the answer is public and minutes old is wrong.
    const reply = await fetch(address, { cache: "no-store", credentials: "omit", signal: stop.signal })
    return readAnswer(reply.status, await reply.json())
  } catch {
    return "unreachable"
  } finally {
    clearTimeout(timer)
  }
}

const BY_STATUS: Record<string, Record<string, Answer>> = {
  pending: { null: "untouched", "1": "underway", "2": "underway", "-1": "declined" },
  captured: { "2": "captured" },
  canceled: { null: "closed", "1": "closed", "-1": "closed", "-2": "returned" },
}

/** Anything but the two answers of the contract is as good as none: a proxy's 404 is not "no such payment". */
export function readAnswer(httpStatus: number, body: unknown): Answer {
  if (typeof body !== "object" || body === null) return "unreachable"
  const { code, status, transaction_state: state } = body as Record<string, unknown>
  if (httpStatus === 404 && code === "not_found") return "unknown"
  if (httpStatus !== 200) return "unreachable"
  return BY_STATUS[String(status)]?.[String(state)] ?? "unreachable"
}
