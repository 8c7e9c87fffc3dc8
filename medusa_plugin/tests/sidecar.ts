import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import type { FiscalReceipt, PaymeSession } from "../src/sidecar/client"

export interface Asked {
  method: string
  path: string
  authorization: string | undefined
  body: unknown
}

/** A stand-in for the sidecar's provider API: writes down what it is asked, answers what it is told to. */
export class FakeSidecar {
  readonly asked: Asked[] = []
  private answer: { status: number; body: unknown } = { status: 200, body: session() }
  private readonly server: Server

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on("data", (chunk) => chunks.push(chunk))
      request.on("end", () => {
        const text = Buffer.concat(chunks).toString()
        this.asked.push({
          method: request.method!,
          path: request.url!,
          authorization: request.headers.authorization,
          body: text ? JSON.parse(text) : undefined,
        })
        response.writeHead(this.answer.status, { "content-type": "application/json" })
        response.end(typeof this.answer.body === "string" ? this.answer.body : JSON.stringify(this.answer.body))
      })
    })
  }

  static async open(): Promise<FakeSidecar> {
    const sidecar = new FakeSidecar()
    await new Promise<void>((resolve) => sidecar.server.listen(0, "127.0.0.1", resolve))
    return sidecar
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  get options() {
    return { sidecarUrl: this.url, sidecarApiKey: "sk_sidecar" }
  }

  answers(status: number, body: unknown): void {
    this.answer = { status, body }
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(() => resolve()))
  }
}

export function session(changes: Partial<PaymeSession> = {}): PaymeSession {
  return {
    id: "payses_1",
    amount: 14000000,
    currency_code: "uzs",
    status: "pending",
    payment_url: "https://checkout.paycom.uz/bT0x",
    qr_url: "http://127.0.0.1:8700/payment-sessions/payses_1/qr.svg?token=t",
    transaction: null,
    fiscal_receipts: [],
    ...changes,
  }
}

export const RECEIPT: FiscalReceipt = {
  type: "PERFORM",
  receipt_id: 121,
  status_code: 0,
  message: "accepted",
  terminal_id: "EP000000000025",
  fiscal_sign: "800031554082",
  qr_code_url: "https://ofd.soliq.uz/check?t=EP000000000025&r=121&c=20220303171830&s=800031554082",
  date: "20220303171830",
  received_time: 1795000000000,
}

export function performed(state: 1 | 2 | -1 | -2 = 2): PaymeSession["transaction"] {
  return { id: "tx1", state, perform_time: 1795000000000, cancel_time: null }
}
