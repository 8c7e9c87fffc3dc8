/** The confirmation. It looks again when the shopper comes back to it, say from Payme's cabinet after a refund. */
import { useEffect } from "react"
import { useCounter, useLoaded } from "../counter"
import { Link, usePlace } from "../navigation"
import { Lines, Totals } from "../parts/Lines"
import { Loading, Notice, Refused } from "../parts/Notice"
import type { Order } from "../shop"

type Status = "paid" | "open" | "refunded" | "canceled"

export function OrderPage({ id }: { id: string }) {
  const { shop } = useCounter()
  const { value: order, refusal, again } = useLoaded(() => shop.order(id), id)
  useEffect(() => {
    document.addEventListener("visibilitychange", again)
    window.addEventListener("pageshow", again)
    return () => {
      document.removeEventListener("visibilitychange", again)
      window.removeEventListener("pageshow", again)
    }
  }, [again])
  if (!order) {
    return refusal ? <Refused refusal={refusal} /> : <Loading />
  }
  return <Confirmation order={order} />
}

function Confirmation({ order }: { order: Order }) {
  const { t } = usePlace()
  const status = statusOf(order)
  return (
    <>
      <section className="sheet" data-testid="order">
        <Notice title={t(`order.${status}.title`)} {...(status === "paid" && { tone: "good" as const })}>
          <p>{t(`order.${status}.text`)}</p>
        </Notice>
        <Facts order={order} status={status} />
        <Lines lines={order.items ?? []} />
        <Totals sum={order} />
        <p className="actions">
          <Link className="button plain" to={{ name: "shop" }} data-testid="keep-shopping">
            {t("order.more")}
          </Link>
        </p>
      </section>
      {status === "paid" && <RefundHint />}
    </>
  )
}

function Facts({ order, status }: { order: Order; status: Status }) {
  const { t } = usePlace()
  const { first_name, last_name } = order.shipping_address ?? {}
  return (
    <dl className="facts">
      <div>
        <dt>{t("order.number")}</dt>
        <dd data-testid="order-number">{order.display_id}</dd>
      </div>
      <div>
        <dt>{t("order.status")}</dt>
        <dd className={`status ${status}`} data-testid="order-status" data-status={status}>
          {t(`order.status.${status}`)}
        </dd>
      </div>
      <div>
        <dt>{t("order.to")}</dt>
        <dd>
          {first_name} {last_name}, {order.email}
        </dd>
      </div>
    </dl>
  )
}

function RefundHint() {
  const { t } = usePlace()
  const { config } = useCounter()
  return (
    <section className="sheet hint">
      <h2>{t("order.refund.title")}</h2>
      <p>{t("order.refund.text")}</p>
      <p>
        <a href={config.cabinetUrl} target="_blank" rel="noreferrer" data-testid="cabinet">
          {t("order.refund.link")}
        </a>
      </p>
    </section>
  )
}

const BY_PAYMENT_STATUS: Partial<Record<string, Status>> = {
  captured: "paid",
  refunded: "refunded",
  partially_refunded: "refunded",
  canceled: "canceled",
}

/** A cancelled order that was paid says "refunded" in its payment, which is what the shopper asks about. */
function statusOf({ payment_status, status }: Order): Status {
  const byPayment = BY_PAYMENT_STATUS[payment_status] ?? "open"
  return status === "canceled" && byPayment !== "refunded" ? "canceled" : byPayment
}
