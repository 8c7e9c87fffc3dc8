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
  /** How Medusa writes off what was given back. */
  credit_line_total?: number
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
  const { item_total, shipping_methods, shipping_total, credit_line_total = 0, total } = sum
  return (
    <dl className="totals">
      <Row name={t("sum.goods")} amount={money(item_total)} />
      {Boolean(shipping_methods?.length) && (
        <Row name={t("sum.delivery")} amount={shipping_total ? money(shipping_total) : t("money.free")} />
      )}
      {credit_line_total !== 0 && <Row name={t("sum.returned")} amount={`−${money(credit_line_total)}`} />}
      <div className="total">
        <dt>{t("sum.total")}</dt>
        <dd data-testid="total">{money(total)}</dd>
      </div>
    </dl>
  )
}

function Row({ name, amount }: { name: string; amount: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{amount}</dd>
    </div>
  )
}
