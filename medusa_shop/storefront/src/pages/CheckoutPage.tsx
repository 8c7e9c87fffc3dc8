/** The checkout: which step the shopper may see, and the order beside it. */
import { useEffect } from "react"
import type { ComponentType } from "react"
import { useCounter } from "../counter"
import { usePlace } from "../navigation"
import { Lines, Totals } from "../parts/Lines"
import { Loading, Notice, Refused } from "../parts/Notice"
import { Steps } from "../parts/Steps"
import { STEPS, type Page, type Step } from "../route"
import { isOpen, sessionOf, type Cart } from "../shop"
import { AddressStep } from "../steps/AddressStep"
import { DeliveryStep } from "../steps/DeliveryStep"
import { PaymentStep } from "../steps/PaymentStep"
import { ReviewStep } from "../steps/ReviewStep"
import { CartPage } from "./CartPage"

export type Checkout = Extract<Page, { name: "checkout" }>

export interface StepProps {
  cart: Cart
  page: Checkout
}

const PARTS: Record<Step, ComponentType<StepProps>> = {
  address: AddressStep,
  delivery: DeliveryStep,
  payment: PaymentStep,
  review: ReviewStep,
}

export function CheckoutPage({ page }: { page: Checkout }) {
  const { shop, cart, refusal } = useCounter()
  if (cart === undefined) {
    return refusal ? <Refused refusal={refusal} /> : <Loading />
  }
  if (cart && (isOpen(cart) || cart.completed_at)) {
    return <OpenCheckout cart={cart} page={page} />
  }
  const order = cart === null && page.step === "review" && shop.lastOrder()
  if (order) {
    return <ToOrder id={order} />
  }
  return page.payment ? <CartElsewhere /> : <CartPage />
}

/** The payment of this cart was finished elsewhere, in another tab or on the first of two returns. */
function ToOrder({ id }: { id: string }) {
  const { go } = usePlace()
  useEffect(() => go({ name: "order", id }, "replace"))
  return <Loading />
}

function OpenCheckout({ cart, page }: StepProps) {
  const { go } = usePlace()
  const step = allowed(cart, page)
  useEffect(() => {
    if (step !== page.step) go({ ...page, step }, "replace")
  })
  const Part = PARTS[step]
  return (
    <>
      <Steps now={step} closed={Boolean(cart.completed_at)} />
      {step === "review" ? (
        <Part cart={cart} page={page} />
      ) : (
        <div className="checkout">
          <Part cart={cart} page={page} />
          <Summary cart={cart} />
        </div>
      )}
    </>
  )
}

/** The step asked for, or the first that is yet to be done. A completed cart and a shopper from Payme have but one. */
function allowed(cart: Cart, { step, payment }: Checkout): Step {
  if (cart.completed_at || payment) {
    return "review"
  }
  const todo = firstToDo(cart)
  return STEPS.indexOf(step) > STEPS.indexOf(todo) ? todo : step
}

function firstToDo(cart: Cart): Step {
  if (!cart.email || !cart.shipping_address?.address_1) {
    return "address"
  }
  if (!cart.shipping_methods?.length) {
    return "delivery"
  }
  return sessionOf(cart) ? "review" : "payment"
}

function Summary({ cart }: { cart: Cart }) {
  const { t } = usePlace()
  return (
    <aside className="sheet summary">
      <h2>{t("sum.title")}</h2>
      <Lines lines={cart.items ?? []} />
      <Totals sum={cart} />
    </aside>
  )
}

function CartElsewhere() {
  const { t } = usePlace()
  return (
    <section className="sheet" data-testid="cart-elsewhere">
      <Notice title={t("review.elsewhere.title")}>
        <p>{t("review.elsewhere.text")}</p>
      </Notice>
    </section>
  )
}
