/** A word to the shopper: in general, when Medusa said no, and while something is being fetched. */
import type { ReactNode } from "react"
import { Link, usePlace } from "../navigation"
import { inWords, type Refusal } from "../refusal"

interface NoticeProps {
  title: string
  tone?: "good" | "bad"
  children?: ReactNode
}

export function Notice({ title, tone, children }: NoticeProps) {
  return (
    <div className={tone ? `notice ${tone}` : "notice"}>
      <h1>{title}</h1>
      {children}
    </div>
  )
}

const PAYMENT_IS_AT_WORK: readonly string[] = ["refusal.held", "refusal.paid"]

export function Refused({ refusal }: { refusal: Refusal | null }) {
  const { t, locale } = usePlace()
  return (
    refusal && (
      <div className="notice bad" role="alert" data-testid="refusal">
        <p>
          <b>{t("refusal.title")}.</b> {inWords(refusal, locale)}
        </p>
        {PAYMENT_IS_AT_WORK.includes(refusal.text) && (
          <p>
            <Link to={{ name: "checkout", step: "review", payment: "pending" }}>{t("refusal.to_review")}</Link>
          </p>
        )}
      </div>
    )
  )
}

export function ToTheGoods() {
  const { t } = usePlace()
  return (
    <p className="actions">
      <Link className="button" to={{ name: "shop" }} data-testid="see-goods">
        {t("cart.shop")}
      </Link>
    </p>
  )
}

export function Loading() {
  const { t } = usePlace()
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {t("loading")}
    </p>
  )
}
