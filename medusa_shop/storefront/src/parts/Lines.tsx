/** What is bought and what it costs: of a cart and of an order alike. */
import type { ReactNode } from "react"
import { artOf, titleOf } from "../catalogue"
import { usePlace } from "../navigation"

export interface Line {
  id: string
  title: string
  product_title?: string | null
  product_handle?: string | null
  quantity: number
  unit_price: number
}

interface Sum {
  items?: Line[] | null
  item_total: number
  shipping_methods?: unknown[] | null
  shipping_total: number
  total: number
}

interface LinesProps {
  lines: Line[]
  /** Stands in place of "2 × 140 000 so‘m". */
  controls?: (line: Line) => ReactNode
}

export function Lines({ lines, controls }: LinesProps) {
  const { locale, money } = usePlace()
  return (
    <ul className={controls ? "lines changeable" : "lines"}>
      {lines.map((line) => (
        <li key={line.id} data-testid={`line-${line.product_handle}`}>
          <img className="thumb" src={artOf(line.product_handle)} alt="" />
          <span className="what">
            <span>{titleOf(line.product_handle, line.product_title ?? line.title, locale)}</span>
            <small>{controls ? money(line.unit_price) : `${line.quantity} × ${money(line.unit_price)}`}</small>
          </span>
          {controls?.(line)}
          <b>{money(line.unit_price * line.quantity)}</b>
        </li>
      ))}
    </ul>
  )
}

export function Totals({ sum }: { sum: Sum }) {
  const { t, money } = usePlace()
  return (
    <dl className="totals">
      <div>
        <dt>{t("sum.goods")}</dt>
        <dd>{money(sum.item_total)}</dd>
      </div>
      {sum.shipping_methods?.length ? (
        <div>
          <dt>{t("sum.delivery")}</dt>
          <dd>{sum.shipping_total === 0 ? t("money.free") : money(sum.shipping_total)}</dd>
        </div>
      ) : null}
      <div className="total">
        <dt>{t("sum.total")}</dt>
        <dd data-testid="total">{money(sum.total)}</dd>
      </div>
    </dl>
  )
}
