import { describe, expect, it } from "vitest"
import { asked, listed, type StoredPayment } from "../src/purchase/payments"

const amount = (id: string, value = "140000") => ({ id, raw_amount: { value, precision: 20 } })

const STORED: StoredPayment = {
  id: "pay_1",
  currency_code: "uzs",
  raw_amount: amount("").raw_amount,
  created_at: "2026-11-21T10:00:00.001Z",
  captured_at: new Date("2026-11-21T10:00:01.000Z"),
  canceled_at: null,
  payment_session: { id: "payses_1" },
  payment_collection_id: "pay_col_1",
  captures: [amount("capt_1")],
  refunds: [],
}

describe("a payment in the list", () => {
  it("is in tiyin and in milliseconds, with its session and its orders", () => {
    expect(listed(STORED, ["order_1"])).toEqual({
      session_id: "payses_1",
      payment_id: "pay_1",
      order_ids: ["order_1"],
      currency_code: "uzs",
      status: "captured",
      amount: 14000000,
      captured_amount: 14000000,
      refunded_amount: 0,
      created_time: Date.UTC(2026, 10, 21, 10, 0, 0, 1),
      captured_time: Date.UTC(2026, 10, 21, 10, 0, 1),
      canceled_time: null,
    })
  })

  it.each([
    ["authorized", { captures: [], captured_at: null }],
    ["captured", {}],
    ["refunded", { refunds: [amount("ref_1", "1")] }],
    ["canceled", { captures: [], captured_at: null, canceled_at: "2026-11-21T10:00:02.000Z" }],
  ])("is %s", (status, changes) => {
    expect(listed({ ...STORED, ...changes }, []).status).toBe(status)
  })

  it("sums several captures before it rounds", () => {
    const captures = [amount("capt_1", "128799.4"), amount("capt_2", "0.5888")]

    expect(listed({ ...STORED, captures }, []).captured_amount).toBe(12879999)
  })
})

describe("what may be asked", () => {
  it("is a period, with a page's size of its own", () => {
    expect(asked({ from: "1", to: "2" })).toEqual({ from: 1, to: 2, after: undefined, limit: 200 })
    expect(asked({ from: "1", to: "2", after: "pay_1", limit: "7" })).toEqual({ from: 1, to: 2, after: "pay_1", limit: 7 })
  })

  it("is sessions by name", () => {
    expect(asked({ session_ids: "payses_1,payses_2" })).toEqual({ sessionIds: ["payses_1", "payses_2"] })
  })

  it.each([
    [{}],
    [{ from: "1" }],
    [{ from: "yesterday", to: "2" }],
    [{ from: "-1", to: "2" }],
    [{ from: "1", to: "2", limit: "0" }],
    [{ from: "1", to: "2", limit: "501" }],
    [{ from: "1", to: "2", after: { $gt: "" } }],
    [{ session_ids: "" }],
    [{ session_ids: ["a", "b"] }],
    [{ session_ids: Array(101).fill("a").join(",") }],
  ])("is not %j", (query) => {
    expect(() => asked(query)).toThrow(expect.objectContaining({ type: "invalid_data" }))
  })
})
