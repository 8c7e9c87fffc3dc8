/** How it reaches the shopper. */
import { useState } from "react"
import type { FormEvent } from "react"
import { deliveryName } from "../catalogue"
import { useAction, useCounter, useLoaded } from "../counter"
import { usePlace } from "../navigation"
import type { StepProps } from "../pages/CheckoutPage"
import { Choice } from "../parts/Choice"
import { Loading, Refused } from "../parts/Notice"
import type { Cart, Delivery } from "../shop"

export function DeliveryStep({ cart }: StepProps) {
  const { shop } = useCounter()
  const { t } = usePlace()
  const { value: deliveries, refusal } = useLoaded(() => shop.deliveries(cart), cart.id)
  return (
    <section className="sheet">
      <h1>{t("delivery.title")}</h1>
      <Refused refusal={refusal} />
      {!deliveries && !refusal && <Loading />}
      {deliveries && <DeliveryForm cart={cart} deliveries={deliveries} />}
    </section>
  )
}

function DeliveryForm({ cart, deliveries }: { cart: Cart; deliveries: Delivery[] }) {
  const { shop, put } = useCounter()
  const { t, locale, money, go } = usePlace()
  const { busy, refusal, act } = useAction()
  const now = cart.shipping_methods?.[0]?.shipping_option_id
  const [chosen, choose] = useState(now ?? deliveries[0]?.id)
  if (!chosen) {
    return <p>{t("delivery.none")}</p>
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void act(async () => {
      put(await shop.setDelivery(cart, chosen))
      go({ name: "checkout", step: "payment" })
    })
  }
  return (
    <form onSubmit={submit}>
      <Refused refusal={refusal} />
      {deliveries.map(({ id, name, amount }) => (
        <Choice
          key={id}
          name="delivery"
          value={id}
          chosen={id === chosen}
          onChoose={choose}
          title={deliveryName(name, locale)}
          aside={amount ? money(amount) : t("money.free")}
        />
      ))}
      <p className="actions">
        <button className="button" disabled={busy} data-testid="continue-to-payment">
          {t("delivery.continue")}
        </button>
      </p>
    </form>
  )
}
