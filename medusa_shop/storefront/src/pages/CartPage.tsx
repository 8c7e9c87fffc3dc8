/** What the shopper has picked, and how many of each. */
import { useAction, useCounter } from "../counter"
import { Link, usePlace } from "../navigation"
import { Lines, Totals, type Line } from "../parts/Lines"
import { Loading, Refused, ToTheGoods } from "../parts/Notice"
import { isOpen, type Cart } from "../shop"

export function CartPage() {
  const { cart, refusal } = useCounter()
  const { t } = usePlace()
  if (cart === undefined) {
    return refusal ? <Refused refusal={refusal} /> : <Loading />
  }
  return (
    <section className="sheet">
      <h1>{t("cart.title")}</h1>
      {cart && isOpen(cart) ? (
        <FullCart cart={cart} />
      ) : (
        <>
          <p>{t("cart.empty")}</p>
          <ToTheGoods />
        </>
      )}
    </section>
  )
}

function FullCart({ cart }: { cart: Cart }) {
  const { shop, put } = useCounter()
  const { t } = usePlace()
  const { busy, refusal, act } = useAction()
  const change = (line: Line, quantity: number) =>
    void act(async () => put(await shop.setQuantity(cart, line.id, quantity)))
  return (
    <>
      <Refused refusal={refusal} />
      <Lines lines={cart.items ?? []} controls={(line) => <Quantity line={line} busy={busy} onChange={change} />} />
      <Totals sum={cart} />
      <p className="actions">
        <Link className="button" to={{ name: "checkout", step: "address" }} data-testid="go-to-checkout">
          {t("cart.checkout")}
        </Link>
      </p>
    </>
  )
}

interface QuantityProps {
  line: Line
  busy: boolean
  onChange: (line: Line, quantity: number) => void
}

function Quantity({ line, busy, onChange }: QuantityProps) {
  const { t } = usePlace()
  const { product_handle: handle, quantity } = line
  return (
    <span className="quantity" role="group" aria-label={t("cart.quantity")}>
      <button
        disabled={busy}
        aria-label={t("cart.fewer")}
        onClick={() => onChange(line, quantity - 1)}
        data-testid={`fewer-${handle}`}
      >
        −
      </button>
      <output data-testid={`quantity-${handle}`}>{quantity}</output>
      <button
        disabled={busy}
        aria-label={t("cart.another")}
        onClick={() => onChange(line, quantity + 1)}
        data-testid={`another-${handle}`}
      >
        +
      </button>
    </span>
  )
}
