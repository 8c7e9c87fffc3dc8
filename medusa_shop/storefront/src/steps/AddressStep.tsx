/** To whom and where. Filled in with an example, so that a demo is a few clicks. */
import type { FormEvent } from "react"
import { useAction, useCounter } from "../counter"
import { usePlace } from "../navigation"
import type { StepProps } from "../pages/CheckoutPage"
import { Refused } from "../parts/Notice"
import { ADDRESS_FIELDS, type Address } from "../shop"

type Field = "email" | keyof Address

const EXAMPLE: Record<Field, string> = {
  email: "aziza@example.com",
  first_name: "Aziza",
  last_name: "Karimova",
  phone: "+998 90 123 45 67",
  city: "Toshkent",
  address_1: "Amir Temur shoh ko‘chasi 15, 7-xonadon",
  postal_code: "100000",
}

const AUTOCOMPLETE: Record<Field, string> = {
  email: "email",
  first_name: "given-name",
  last_name: "family-name",
  phone: "tel",
  city: "address-level2",
  address_1: "address-line1",
  postal_code: "postal-code",
}

const FIELDS: Field[] = ["first_name", "last_name", "email", "phone", "address_1", "city", "postal_code"]
const TYPES: Partial<Record<Field, string>> = { email: "email", phone: "tel" }

export function AddressStep({ cart }: StepProps) {
  const { shop, put } = useCounter()
  const { place, t, go } = usePlace()
  const { busy, refusal, act } = useAction()
  const known = cart.email ? { ...cart.shipping_address, email: cart.email } : EXAMPLE

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const value = (field: Field) => String(form.get(field) ?? "")
    const address = Object.fromEntries(ADDRESS_FIELDS.map((field) => [field, value(field)])) as Address
    void act(async () => {
      put(await shop.setAddress(cart, value("email"), address, place))
      go({ name: "checkout", step: "delivery" })
    })
  }
  return (
    <form className="sheet" onSubmit={submit}>
      <h1>{t("address.title")}</h1>
      <Refused refusal={refusal} />
      <div className="fields">
        {FIELDS.map((field) => (
          <label key={field} className={field}>
            <span>{t(`address.${field}`)}</span>
            <input
              name={field}
              type={TYPES[field] ?? "text"}
              autoComplete={AUTOCOMPLETE[field]}
              defaultValue={known[field] ?? ""}
              required={field !== "postal_code"}
              data-testid={`address-${field}`}
            />
          </label>
        ))}
      </div>
      <p className="actions">
        <button className="button" disabled={busy} data-testid="continue-to-delivery">
          {t("address.continue")}
        </button>
      </p>
      {known === EXAMPLE && <p className="quiet">{t("address.example")}</p>}
    </form>
  )
}
