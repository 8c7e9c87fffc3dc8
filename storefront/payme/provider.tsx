/** Payme in the shop's list of payment methods. No "use client" here: the order page of a server reads it too. */

import type { ReactElement, SVGProps } from "react"

export const PAYME_PROVIDER_ID = "pp_payme_payme"

export function isPayme(providerId?: string | null): boolean {
  return providerId?.startsWith("pp_payme_") ?? false
}

/** A phone that pays: a neutral mark in the colour of the text, not Payme's logo. */
export function PaymeIcon(props: SVGProps<SVGSVGElement>): ReactElement {
  return (
    <svg
      width={20}
      height={20}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...props}
    >
      <rect x={2.75} y={1.75} width={10} height={16.5} rx={2.25} />
      <path d="M6.5 15.25h2.5" />
      <path d="M9.5 8.25 12 10.75l5.25-5.5" />
    </svg>
  )
}

export const paymePaymentInfo: { title: string; icon: ReactElement } = {
  title: "Payme",
  icon: <PaymeIcon />,
}
