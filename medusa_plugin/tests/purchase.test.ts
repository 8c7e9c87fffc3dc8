import { OrderStatus } from "@medusajs/framework/utils"
import { describe, expect, it } from "vitest"
import { next as nextToPerform } from "../src/purchase/perform"
import type { Order, Payment, Purchase } from "../src/purchase/purchase"
import { next as nextToTakeBack } from "../src/purchase/take-back"

const amount = (id: string, value = "140000") => ({ id, raw_amount: { value, precision: 20 } })

const CAPTURED: Payment = { id: "pay_1", captured_at: "2026-11-21", data: {}, captures: [amount("capt_1")], refunds: [] }
const BOOKED = [{ reference_id: "capt_1" }]

function purchase(order?: Partial<Order>, payment?: Partial<Payment>): Purchase {
  return {
    session: {
      id: "payses_1",
      status: "pending",
      provider_id: "pp_payme_payme",
      currency_code: "uzs",
      raw_amount: amount("").raw_amount,
      payment_collection_id: "pay_col_1",
    },
    cartId: "cart_1",
    order: order && { id: "order_1", status: OrderStatus.PENDING, fulfillments: [], transactions: [], ...order },
    payment: payment && { ...CAPTURED, ...payment },
  }
}

describe("after a Perform, what comes next", () => {
  it.each([
    ["nothing has happened yet", purchase(), "place"],
    ["a payment was left without an order", purchase(undefined, {}), "place"],
    ["a crash has left an order without a payment", purchase({}), "pay"],
    ["a crash has left a payment uncaptured", purchase({}, { captured_at: null, captures: [] }), "capture"],
    ["a crash has left a capture unbooked", purchase({}, {}), "book"],
    ["all of it is there", purchase({ transactions: BOOKED }, {}), "done"],
    ["the order was canceled", purchase({ status: OrderStatus.CANCELED }), "refuse"],
    ["the order was canceled and paid", purchase({ status: OrderStatus.CANCELED, transactions: BOOKED }, {}), "refuse"],
  ])("when %s", (_, found, step) => {
    expect(nextToPerform(found)).toBe(step)
  })
})

describe("after Payme has taken a payment back, what comes next", () => {
  const refunded = { refunds: [amount("ref_1")] }
  const shipped = [{ canceled_at: null }]

  it.each([
    ["nothing was ever placed", purchase(), "done"],
    ["the order is paid", purchase({}, {}), "refund"],
    ["a part was refunded", purchase({}, { refunds: [amount("ref_1", "1")] }), "refund"],
    ["it was shipped", purchase({ fulfillments: shipped }, {}), "refund"],
    ["the refund is booked", purchase({}, refunded), "cancel"],
    ["the fulfilment was canceled", purchase({ fulfillments: [{ canceled_at: "2026" }] }, refunded), "cancel"],
    ["a crash has left an order without a payment", purchase({}), "cancel"],
    ["it was shipped and refunded", purchase({ fulfillments: shipped }, refunded), "done"],
    ["it is completed and refunded", purchase({ status: OrderStatus.COMPLETED }, refunded), "done"],
    ["all of it is undone", purchase({ status: OrderStatus.CANCELED }, refunded), "done"],
  ])("when %s", (_, found, step) => {
    expect(nextToTakeBack(found)).toBe(step)
  })
})
