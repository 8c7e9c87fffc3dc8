import { PaymentSessionStatus } from "@medusajs/framework/utils"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import PaymeProviderService from "../src/providers/payme/service"
import { FakeSidecar, performed, RECEIPT, session } from "./sidecar"

const DATA = {
  session_id: "payses_1",
  checkout_url: "https://checkout.paycom.uz/bT0x",
  qr_url: "http://127.0.0.1:8700/payment-sessions/payses_1/qr.svg?token=t",
  fiscal_receipts: [],
}
const CONTEXT = { idempotency_key: "payses_1" }

let sidecar: FakeSidecar
let payme: PaymeProviderService

beforeEach(async () => {
  sidecar = await FakeSidecar.open()
  payme = new PaymeProviderService({}, sidecar.options)
})
afterEach(() => sidecar.close())

const initiate = (changes: object = {}) =>
  payme.initiatePayment({ amount: 140000, currency_code: "uzs", data: {}, context: CONTEXT, ...changes })

describe("initiatePayment", () => {
  it("registers the session in tiyin and gives the shopper the link", async () => {
    sidecar.answers(201, session())

    const answer = await initiate({ data: { locale: "uz", country_code: "uz" } })

    expect(sidecar.asked).toEqual([
      {
        method: "POST",
        path: "/payment-sessions",
        authorization: "Bearer sk_sidecar",
        body: { id: "payses_1", amount: 14000000, currency_code: "uzs", locale: "uz", country_code: "uz" },
      },
    ])
    expect(answer).toEqual({
      id: "payses_1",
      status: PaymentSessionStatus.PENDING,
      data: { ...DATA, transaction: null },
    })
  })

  it("overwrites its own words when a shopper has sent them", async () => {
    const forged = {
      checkout_url: "https://evil.example",
      qr_url: "https://evil.example",
      transaction: performed(),
      session_id: "payses_2",
      fiscal_receipts: [{ ...RECEIPT, qr_code_url: "https://evil.example" }],
    }

    const { data } = await initiate({ data: forged })

    expect({ ...forged, ...data }).toEqual({ ...DATA, transaction: null })
  })

  it.each([
    [{ locale: "uz", country_code: "uz" }, { locale: "uz", country_code: "uz" }],
    [{ locale: "en-GB" }, { locale: "en-GB" }],
    [{ locale: "uz-Cyrl" }, { locale: "uz-Cyrl" }],
    [{ locale: "../../evil", country_code: "uz" }, { country_code: "uz" }],
    [{ locale: "RU", country_code: "UZB" }, {}],
    [{ locale: { $ne: 1 }, country_code: ["uz"] }, {}],
    [{ locale: "ru\nx" }, {}],
    [undefined, {}],
  ])("takes the way back from %j as far as it has the right shape", async (data, expected) => {
    await initiate({ data })

    const { id, amount, currency_code, ...wayBack } = sidecar.asked[0]!.body as Record<string, unknown>
    expect({ id, amount, currency_code }).toEqual({ id: "payses_1", amount: 14000000, currency_code: "uzs" })
    expect(wayBack).toEqual(expected)
  })

  it("refuses other money than so'm without asking anybody", async () => {
    await expect(initiate({ currency_code: "usd" })).rejects.toMatchObject({ type: "invalid_data" })
    expect(sidecar.asked).toEqual([])
  })

  it("refuses an amount of nothing without asking anybody", async () => {
    await expect(initiate({ amount: 0 })).rejects.toMatchObject({ type: "invalid_data" })
    expect(sidecar.asked).toEqual([])
  })
})

describe("authorizePayment", () => {
  const authorize = (data: object = DATA) => payme.authorizePayment({ data: { ...data }, context: CONTEXT })

  it("is captured when the sidecar says so, and keeps Payme's transaction", async () => {
    sidecar.answers(200, session({ status: "captured", transaction: performed() }))

    const answer = await authorize()

    expect(sidecar.asked[0]).toMatchObject({ method: "POST", path: "/payment-sessions/payses_1/authorize" })
    expect(answer).toEqual({ status: PaymentSessionStatus.CAPTURED, data: { ...DATA, transaction: performed() } })
  })

  it.each([
    ["nothing has come", session()],
    ["Payme is at work", session({ transaction: performed(1) })],
    ["the card was declined", session({ transaction: performed(-1) })],
    ["the session is closed", session({ status: "canceled" })],
    ["Payme has taken it back", session({ status: "canceled", transaction: performed(-2) })],
  ])("requires more when %s", async (_, answer) => {
    sidecar.answers(200, answer)

    await expect(authorize()).rejects.toMatchObject({ type: "payment_requires_more_error" })
  })

  it("believes nothing that stands in data", async () => {
    const forged = { ...DATA, status: "captured", transaction: performed(), payme: { state: 2 } }

    await expect(authorize(forged)).rejects.toMatchObject({ type: "payment_requires_more_error" })
  })

  it("asks about Medusa's session, whatever session a shopper names", async () => {
    await authorize({ ...DATA, session_id: "payses_of_another" }).catch(() => {})

    expect(sidecar.asked[0]!.path).toBe("/payment-sessions/payses_1/authorize")
  })
})

describe("the other verbs", () => {
  it("confirm a capture", async () => {
    sidecar.answers(200, session({ status: "captured", transaction: performed() }))

    expect(await payme.capturePayment({ data: DATA })).toEqual({ data: { ...DATA, transaction: performed() } })
    expect(sidecar.asked[0]).toMatchObject({ method: "POST", path: "/payment-sessions/payses_1/capture" })
  })

  it("refuse a refund that Payme has not made, and say where it is made", async () => {
    sidecar.answers(409, { type: "not_allowed", code: "refund_in_cabinet", message: "start it in the cabinet" })

    await expect(payme.refundPayment({ data: DATA, amount: 140000 })).rejects.toMatchObject({
      type: "not_allowed",
      code: "refund_in_cabinet",
      message: "start it in the cabinet",
    })
  })

  it("let a refund through that Payme has made", async () => {
    sidecar.answers(200, session({ status: "canceled", transaction: performed(-2) }))

    expect(await payme.refundPayment({ data: DATA, amount: 140000 })).toEqual({
      data: { ...DATA, transaction: performed(-2) },
    })
  })

  it("close a session that is deleted", async () => {
    await payme.deletePayment({ data: DATA })

    expect(sidecar.asked[0]).toMatchObject({ method: "DELETE", path: "/payment-sessions/payses_1" })
  })

  it("do not give up a session that is paid", async () => {
    sidecar.answers(409, { code: "already_paid", message: "performed" })

    await expect(payme.deletePayment({ data: DATA })).rejects.toMatchObject({ type: "not_allowed", code: "already_paid" })
  })

  it("let Medusa delete a session that never got as far as the sidecar", async () => {
    expect(await payme.deletePayment({ data: { locale: "uz" } })).toEqual({ data: { locale: "uz" } })
    expect(sidecar.asked).toEqual([])
  })

  it("let Medusa delete a session that the sidecar never had", async () => {
    sidecar.answers(404, { code: "not_found", message: "unknown" })

    expect(await payme.deletePayment({ data: DATA })).toEqual({ data: DATA })
  })

  it.each([
    [409, "already_paid"],
    [404, "not_found"],
  ])("take %i %s for the end of a cancel: Medusa calls it when it has lost a race", async (status, code) => {
    sidecar.answers(status, { code, message: "" })

    expect(await payme.cancelPayment({ data: DATA, context: {} })).toEqual({ data: DATA })
    expect(sidecar.asked[0]!.path).toBe("/payment-sessions/payses_1/cancel")
  })

  it("change an amount in tiyin", async () => {
    await payme.updatePayment({ data: DATA, amount: "1500.5", currency_code: "uzs" })

    expect(sidecar.asked[0]).toMatchObject({ path: "/payment-sessions/payses_1", body: { amount: 150050, detail: null } })
  })

  it.each([
    ["pending", PaymentSessionStatus.PENDING],
    ["captured", PaymentSessionStatus.CAPTURED],
    ["canceled", PaymentSessionStatus.CANCELED],
  ] as const)("call %s by Medusa's word", async (status, expected) => {
    sidecar.answers(200, session({ status }))

    expect((await payme.getPaymentStatus({ data: DATA })).status).toBe(expected)
  })

  it("read a session", async () => {
    expect(await payme.retrievePayment({ data: DATA })).toEqual({ data: { ...DATA, transaction: null } })
  })

  it("read a session's fiscal receipts", async () => {
    sidecar.answers(200, session({ fiscal_receipts: [RECEIPT] }))

    expect(await payme.retrievePayment({ data: DATA })).toEqual({
      data: { ...DATA, transaction: null, fiscal_receipts: [RECEIPT] },
    })
  })

  it("read a session of a sidecar that does not know of receipts yet", async () => {
    sidecar.answers(200, session({ fiscal_receipts: undefined, qr_url: undefined }))

    expect(await payme.retrievePayment({ data: DATA })).toEqual({ data: { ...DATA, transaction: null, qr_url: undefined } })
  })

  it("make nothing of what arrives at Medusa's own webhook", async () => {
    expect(await payme.getWebhookActionAndData()).toEqual({ action: "not_supported" })
  })
})

describe("a sidecar that cannot be asked", () => {
  const verbs: [string, () => Promise<unknown>][] = [
    ["initiatePayment", () => initiate()],
    ["authorizePayment", () => payme.authorizePayment({ data: DATA, context: CONTEXT })],
    ["capturePayment", () => payme.capturePayment({ data: DATA })],
    ["refundPayment", () => payme.refundPayment({ data: DATA, amount: 1 })],
    ["cancelPayment", () => payme.cancelPayment({ data: DATA })],
    ["deletePayment", () => payme.deletePayment({ data: DATA })],
  ]

  it.each(verbs)("is never taken for a no by %s", async (_, verb) => {
    for (const [status, body] of [[503, { code: "x" }], [401, { code: "unauthorized" }], [502, "<html>"]] as const) {
      sidecar.answers(status, body)
      await expect(verb()).rejects.toMatchObject({ type: "unexpected_state" })
    }
  })

  it.each(verbs)("is told apart from a missing one by %s", async (_, verb) => {
    await sidecar.close()

    await expect(verb()).rejects.toMatchObject({ type: "unexpected_state", message: expect.stringMatching(/ECONNREFUSED/) })
  })

  it("never shows its key", async () => {
    sidecar.answers(401, { message: "sk_sidecar" })

    await expect(initiate()).rejects.toMatchObject({ message: expect.not.stringContaining("sk_sidecar") })
  })
})
