/** The addresses of this shop, in one place. Those of checkout and confirmation are the official starter's. */
import { LOCALES, type Locale } from "./texts"

export const STEPS = ["address", "delivery", "payment", "review"] as const
const COUNTRIES = ["uz"] as const

export type Step = (typeof STEPS)[number]
export type Country = (typeof COUNTRIES)[number]

export interface Place {
  locale: Locale
  country: Country
}

/**
 * `payment` is how the shopper was sent back from Payme; it is a hint, and believed by nobody.
 * `renew` is set where the payment button sends the shopper back for another session.
 */
export type Page =
  | { name: "shop" }
  | { name: "cart" }
  | { name: "checkout"; step: Step; payment?: string; renew?: true }
  | { name: "order"; id: string }
  | { name: "missing" }

export interface Route {
  place: Place
  page: Page
}

export const HOME: Route = { place: { locale: "ru", country: "uz" }, page: { name: "shop" } }

/** null when the address does not say where we are: the shopper belongs at HOME then. */
export function readRoute(path: string, search: string): Route | null {
  const [locale, country, ...rest] = path.split("/").filter(Boolean)
  if (!isLocale(locale) || !isCountry(country)) {
    return null
  }
  return { place: { locale, country }, page: readPage(rest, new URLSearchParams(search)) }
}

export function addressOf({ place, page }: Route): string {
  const home = `/${place.locale}/${place.country}`
  switch (page.name) {
    case "shop":
    case "missing":
      return home
    case "cart":
      return `${home}/cart`
    case "checkout": {
      const { step, payment, renew } = page
      const query = new URLSearchParams({ step, ...(payment && { payment }), ...(renew && { renew: "yes" }) })
      return `${home}/checkout?${query}`
    }
    case "order":
      return `${home}/order/${encodeURIComponent(page.id)}/confirmed`
  }
}

function readPage(parts: string[], query: URLSearchParams): Page {
  const [name, id, end] = parts
  if (name === undefined) {
    return { name: "shop" }
  }
  if (name === "cart" && parts.length === 1) {
    return { name: "cart" }
  }
  if (name === "checkout" && parts.length === 1) {
    const payment = query.get("payment")
    return {
      name: "checkout",
      step: readStep(query.get("step")),
      ...(payment && { payment }),
      ...(query.has("renew") && { renew: true }),
    }
  }
  if (name === "order" && id && end === "confirmed" && parts.length === 3) {
    return { name: "order", id: decodeURIComponent(id) }
  }
  return { name: "missing" }
}

function readStep(text: string | null): Step {
  return STEPS.find((step) => step === text) ?? "address"
}

function isLocale(text: string | undefined): text is Locale {
  return text !== undefined && Object.hasOwn(LOCALES, text)
}

function isCountry(text: string | undefined): text is Country {
  return COUNTRIES.some((country) => country === text)
}
