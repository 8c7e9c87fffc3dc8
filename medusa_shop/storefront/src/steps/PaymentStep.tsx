/** How it is paid. Going on creates the payment session, and with it the link to Payme's page. */
import { useState } from "react"
import type { FormEvent, ReactNode } from "react"
import { isPayme, paymePaymentInfo } from "payme-storefront"
import { useAction, useCounter, useLoaded } from "../counter"
import { usePlace } from "../navigation"
import type { StepProps } from "../pages/CheckoutPage"
import { Choice } from "../parts/Choice"
import { Loading, Refused } from "../parts/Notice"
import { sessionOf } from "../shop"
import type { TextKey } from "../texts"

const MANUAL = "pp_system_default"

interface Info {
  title: string
  text?: string
  icon?: ReactNode
}

export function PaymentStep({ cart, page }: StepProps) {
  const { shop } = useCounter()
  const { t } = usePlace()
  const { value: providers, refusal } = useLoaded(() => shop.paymentProviders(cart), cart.region_id ?? "")
  return (
    <section className="sheet">
      <h1>{t("payment.title")}</h1>
      <Refused refusal={refusal} />
      {!providers && !refusal && <Loading />}
      {providers && <PaymentForm cart={cart} page={page} providers={paymeFirst(providers)} />}
    </section>
  )
}

function PaymentForm({ cart, page, providers }: StepProps & { providers: string[] }) {
  const { shop, put } = useCounter()
  const { place, t, go } = usePlace()
  const { busy, refusal, act } = useAction()
  const [chosen, choose] = useState(sessionOf(cart)?.provider_id ?? providers[0])
  if (!chosen) {
    return <p>{t("payment.none")}</p>
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void act(async () => {
      put(await shop.choosePayment(cart, chosen, place, page.renew ?? false))
      go({ name: "checkout", step: "review" })
    })
  }
  return (
    <form onSubmit={submit}>
      <Refused refusal={refusal} />
      {providers.map((id) => (
        <Choice key={id} name="payment" value={id} chosen={id === chosen} onChoose={choose} {...infoOf(id, t)} />
      ))}
      <p className="actions">
        <button className="button" disabled={busy} data-testid="continue-to-review">
          {t("payment.continue")}
        </button>
      </p>
      <p className="quiet">{t("payment.nothing_yet")}</p>
    </form>
  )
}

function infoOf(providerId: string, t: (key: TextKey) => string): Info {
  if (isPayme(providerId)) {
    return { ...paymePaymentInfo, text: t("payment.payme") }
  }
  return providerId === MANUAL ? { title: t("payment.manual"), text: t("payment.manual.text") } : { title: providerId }
}

function paymeFirst(providers: string[]): string[] {
  return [...providers].sort((one, other) => Number(isPayme(other)) - Number(isPayme(one)))
}
