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
    },
    collection: { id: "pay_col_1", raw_amount: amount("").raw_amount, payment_sessions: [{ id: "payses_1" }], payments: [] },
    cart: { id: "cart_1", raw_total: amount("").raw_amount },
    order: order && { id: "order_1", status: OrderStatus.PENDING, fulfillments: [], transactions: [], payment_collections: [], ...order },
    payment: payment && { ...CAPTURED, ...payment },
  }
}

const OTHER: Payment = { ...CAPTURED, id: "pay_2" }
const besides = (found: Purchase, ...payments: Payment[]): Purchase => ({ ...found, collection: { ...found.collection, payments } })

describe("after a Perform, what comes next", () => {
  it.each([
    ["nothing has happened yet", purchase(), "place"],
    ["a payment was left without an order", purchase(undefined, {}), "place"],
    ["a crash has left an order without a payment", purchase({}), "pay"],
    ["a crash has left a payment uncaptured", purchase({}, { captured_at: null, captures: [] }), "capture"],
    ["a crash has left a capture unbooked", purchase({}, {}), "book"],
    ["all of it is there", purchase({ transactions: BOOKED }, {}), "done"],
    ["another session of the cart has paid the order", besides(purchase({}), OTHER), "refuse_second"],
    ["another session's payment was taken back", besides(purchase({}), { ...OTHER, refunds: [amount("ref_2")] }), "pay"],
    ["the order was canceled", purchase({ status: OrderStatus.CANCELED }), "refuse_canceled"],
    ["the order was canceled and paid", purchase({ status: OrderStatus.CANCELED, transactions: BOOKED }, {}), "refuse_canceled"],
  ])("when %s", (_, found, step) => {
    expect(nextToPerform(found)).toBe(step)
  })
})

describe("after Payme has taken a payment back, what comes next", () => {
  const refunded = { refunds: [amount("ref_1")] }
  const booked = { transactions: [...BOOKED, { reference_id: "ref_1" }] }
  const bookedByPayment = { transactions: [...BOOKED, { reference_id: "pay_1" }] }
  const another = (payment: Payment) => ({ payment_collections: [{ payments: [{ ...CAPTURED, ...refunded }, payment] }] })
  const shipped = [{ canceled_at: null }]

  it.each([
    ["nothing was ever placed", purchase(), "done"],
    ["the order is paid", purchase({}, {}), "refund"],
    ["a part was refunded", purchase({}, { refunds: [amount("ref_1", "1")] }), "refund"],
    ["it was shipped", purchase({ fulfillments: shipped }, {}), "refund"],
    ["a crash has left the refund unbooked", purchase({ transactions: BOOKED }, refunded), "book"],
    ["an admin's cancel has left it unbooked", purchase({ status: OrderStatus.CANCELED }, refunded), "book"],
    ["the refund is booked", purchase(booked, refunded), "cancel"],
    ["Medusa has booked it under the payment's id", purchase(bookedByPayment, refunded), "cancel"],
    ["the fulfilment was canceled", purchase({ ...booked, fulfillments: [{ canceled_at: "2026" }] }, refunded), "cancel"],
    ["another payment still pays for the order", purchase({ ...booked, ...another(OTHER) }, refunded), "done"],
    ["the other payment was refunded, too", purchase({ ...booked, ...another({ ...OTHER, ...refunded }) }, refunded), "cancel"],
    ["a crash has left an order without a payment", purchase({}), "cancel"],
    ["it was shipped and refunded", purchase({ ...booked, fulfillments: shipped }, refunded), "done"],
    ["it is completed and refunded", purchase({ ...booked, status: OrderStatus.COMPLETED }, refunded), "done"],
    ["all of it is undone", purchase({ ...booked, status: OrderStatus.CANCELED }, refunded), "done"],
  ])("when %s", (_, found, step) => {
    expect(nextToTakeBack(found)).toBe(step)
  })
})
