// The sidecar's own shapes: what it would refuse must not cost the shopper the checkout.
const SHAPES = {
  locale: /^[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?$/,
  country_code: /^[a-z]{2}$/,
}

/**
 * The language and country of the page the shopper comes back to, as the storefront passed them in `data`.
 *
 * A shopper can write anything there; what does not look like one is left out, and the sidecar uses its defaults.
 */
export function wayBack(data: Record<string, unknown> | undefined): { locale?: string; country_code?: string } {
  const fits = Object.entries(SHAPES).filter(([name, shape]) => shape.test(word(data?.[name])))
  return Object.fromEntries(fits.map(([name]) => [name, word(data?.[name])]))
}

function word(value: unknown): string {
  return typeof value === "string" ? value : ""
}
