/** What a storefront imports. Copy this folder into its source. */

export { isPayme, PAYME_PROVIDER_ID, PaymeIcon, paymePaymentInfo } from "./provider"
export { checkoutLink, findPaymeSession } from "./session"
export type { PaymeSession } from "./session"
export { PaymePaymentButton } from "./PaymePaymentButton"
export type { PaymePaymentButtonProps } from "./PaymePaymentButton"
export { localeOf, LOCALES } from "./texts"
export type { Locale, Texts } from "./texts"
export type { Stage } from "./stage"
