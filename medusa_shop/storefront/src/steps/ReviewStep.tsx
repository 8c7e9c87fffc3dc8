/** The order once more, and the button. This is also where Payme sends the shopper back to. */
import type { ReactNode } from "react"
import { isPayme, PaymePaymentButton } from "payme-storefront"
import { deliveryName } from "../catalogue"
import { useAction, useCounter } from "../counter"
import { Link, usePlace } from "../navigation"
import type { StepProps } from "../pages/CheckoutPage"
import { Lines, Totals } from "../parts/Lines"
import { Notice, Refused } from "../parts/Notice"
import { refused } from "../refusal"
import type { Step } from "../route"
import { sessionOf, type Cart, type Completion } from "../shop"

export function ReviewStep({ cart, page }: StepProps) {
  const { t } = usePlace()
  return (
    <section className="sheet review" data-testid="review">
      <h1>{t("review.title")}</h1>
      <Lines lines={cart.items ?? []} />
      <Totals sum={cart} />
      {cart.shipping_address && <Facts cart={cart} />}
      <div className="pay">
        <Pay cart={cart} page={page} />
      </div>
    </section>
  )
}

function Pay({ cart, page }: StepProps) {
  const { config } = useCounter()
  const { locale, t, money, href } = usePlace()
  const placeOrder = usePlaceOrder(cart)
  const session = sessionOf(cart)
  if (!session) {
    return <NoSession />
  }
  if (!isPayme(session.provider_id)) {
    return <PlaceOrderButton placeOrder={placeOrder} />
  }
  return (
    <PaymePaymentButton
      session={session}
      placeOrder={placeOrder}
      statusUrl={config.statusUrl}
      payment={page.payment ?? null}
      locale={locale}
      backHref={href({ name: "checkout", step: "payment", renew: true })}
      texts={{ pay: t("review.pay", { amount: money(cart.total) }) }}
      data-testid="pay"
    />
  )
}

/** Medusa's own answer is handed on: the button reads in it why there is no order yet. */
function usePlaceOrder(cart: Cart): () => Promise<Completion> {
  const { shop, put } = useCounter()
  const { go } = usePlace()
  return async () => {
    const answer = await shop.complete(cart)
    if (answer.type === "order") {
      shop.keepOrder(answer.order.id)
      go({ name: "order", id: answer.order.id }, "replace")
      put(null)
    }
    return answer
  }
}

/** For the ways to pay that need nothing of a shopper, such as Medusa's manual one. */
function PlaceOrderButton({ placeOrder }: { placeOrder: () => Promise<Completion> }) {
  const { t } = usePlace()
  const { busy, refusal, act } = useAction()
  const press = () =>
    void act(async () => {
      const answer = await placeOrder()
      if (answer.type === "cart") throw refused(answer.error.message)
    })
  return (
    <>
      <Refused refusal={refusal} />
      <button className="button" disabled={busy} onClick={press} data-testid="place-order">
        {t("review.place")}
      </button>
    </>
  )
}

function NoSession() {
  const { t } = usePlace()
  return (
    <>
      <Notice title={t("review.no_session.title")}>
        <p>{t("review.no_session.text")}</p>
      </Notice>
      <Link className="button plain" to={{ name: "checkout", step: "payment" }} data-testid="back-to-payment">
        {t("step.payment")}
      </Link>
    </>
  )
}

function Facts({ cart }: { cart: Cart }) {
  const { t, locale } = usePlace()
  const { first_name, last_name, phone, address_1, city } = cart.shipping_address ?? {}
  const delivery = cart.shipping_methods?.[0]?.name ?? ""
  return (
    <dl className="facts">
      <Fact name={t("step.address")} step="address" closed={Boolean(cart.completed_at)}>
        {first_name} {last_name}
        <br />
        {phone}
        <br />
        {city}, {address_1}
      </Fact>
      <Fact name={t("step.delivery")} step="delivery" closed={Boolean(cart.completed_at)}>
        {deliveryName(delivery, locale)}
      </Fact>
    </dl>
  )
}

interface FactProps {
  name: string
  step: Step
  closed: boolean
  children: ReactNode
}

function Fact({ name, step, closed, children }: FactProps) {
  const { t } = usePlace()
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
      {!closed && <Link to={{ name: "checkout", step }}>{t("checkout.change")}</Link>}
    </div>
  )
}
