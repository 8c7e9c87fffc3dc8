import { MedusaError } from "@medusajs/framework/utils"
import type { Detail } from "../fiscal/detail"
import type { Tiyin } from "./tiyin"
import type { PaymeOptions } from "./options"

/** Payme's state of a transaction: created, performed, cancelled, taken back after it was performed. */
export type State = 1 | 2 | -1 | -2

/** A fiscal receipt, as Payme sent it: of the sale, or of the refund. `status_code` 0: the tax office has it. */
export interface FiscalReceipt {
  type: "PERFORM" | "CANCEL"
  receipt_id: string | number | null
  status_code: string | number | null
  message: string | number | null
  terminal_id: string | number | null
  fiscal_sign: string | number | null
  qr_code_url: string | number | null
  date: string | number | null
  received_time: number
}

/** The session object of the sidecar's provider API; amounts in tiyin, times in milliseconds. */
export interface PaymeSession {
  id: string
  amount: Tiyin
  currency_code: string
  status: "pending" | "captured" | "canceled"
  payment_url: string
  qr_url?: string
  transaction: null | { id: string; state: State; perform_time: number | null; cancel_time: number | null }
  /** What an older sidecar does not say. */
  fiscal_receipts?: FiscalReceipt[]
}

export interface Owed {
  id: string
  amount: Tiyin
  currency_code: string
  locale?: string
  country_code?: string
  detail?: Detail
}

const PATIENCE = 10_000 // milliseconds; the sidecar answers in a few, or something is wrong

/** The sidecar answered with a "no" that has a code, e.g. `already_paid`, `refund_in_cabinet`. */
export class Denied extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string
  ) {
    super(message)
  }
}

/** The sidecar cannot be asked: down, restarting, or our key is wrong. What is true of the money is unknown. */
export class Unreachable extends MedusaError {
  constructor(why: string) {
    super(MedusaError.Types.UNEXPECTED_STATE, `The Payme sidecar cannot be asked: ${why}`)
  }
}

/** The sidecar's provider API, one method per verb. Nothing is kept here: the sidecar knows what was paid. */
export class Sidecar {
  constructor(private readonly options: PaymeOptions) {}

  register = (owed: Owed) => this.ask("POST", "", owed)
  session = (id: string) => this.ask("GET", path(id))
  authorize = (id: string) => this.ask("POST", path(id, "authorize"))
  capture = (id: string) => this.ask("POST", path(id, "capture"))
  cancel = (id: string) => this.ask("POST", path(id, "cancel"))
  refund = (id: string) => this.ask("POST", path(id, "refund"))
  update = (id: string, changes: { amount: Tiyin; detail: Detail | null }) => this.ask("POST", path(id), changes)
  close = (id: string) => this.ask("DELETE", path(id))

  private async ask(method: string, resource: string, body?: object): Promise<PaymeSession> {
    const { sidecarUrl, sidecarApiKey } = this.options
    const answer = await fetch(`${sidecarUrl.replace(/\/+$/, "")}/payment-sessions${resource}`, {
      method,
      headers: { Authorization: `Bearer ${sidecarApiKey}`, "Content-Type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    }).catch((failure: Error) => {
      throw new Unreachable(reason(failure))
    })
    return session(answer.status, await answer.json().catch(() => ({})))
  }
}

function session(status: number, answer: PaymeSession & { code?: string; message?: string }): PaymeSession {
  if (status === 401 || status >= 500) {
    throw new Unreachable(status === 401 ? "it does not know our key" : `it answered ${status}`)
  }
  if (status >= 300) {
    throw new Denied(status, answer.code ?? String(status), answer.message ?? `it answered ${status}`)
  }
  return answer
}

function path(id: string, verb?: string): string {
  return `/${encodeURIComponent(id)}${verb ? `/${verb}` : ""}`
}

function reason({ name, message, cause }: Error): string {
  const code = (cause as { code?: string } | undefined)?.code
  return code ?? (name === "TimeoutError" ? `no answer within ${PATIENCE / 1000} s` : message)
}
