/** What there is to buy. */
import { artOf, storyOf, titleOf } from "../catalogue"
import { useAction, useCounter, useLoaded } from "../counter"
import { usePlace } from "../navigation"
import { Loading, Refused } from "../parts/Notice"
import type { Product } from "../shop"

const IN_THE_WINDOW = "tea-set"

export function ShopPage() {
  const { shop, put } = useCounter()
  const { place, t, go } = usePlace()
  const { value: products, refusal } = useLoaded(() => shop.products(place), place.country)
  const adding = useAction()

  if (!products) {
    return refusal ? <Refused refusal={refusal} /> : <Loading />
  }
  const hero = products.find(({ handle }) => handle === IN_THE_WINDOW) ?? products[0]
  const others = products.filter((product) => product !== hero)
  const buy = (variantId: string) =>
    void adding.act(async () => {
      put(await shop.add(variantId, place))
      go({ name: "cart" })
    })
  return (
    <>
      <Refused refusal={adding.refusal} />
      {hero && <Hero product={hero} busy={adding.busy} onBuy={buy} />}
      {others.length > 0 && <h2 className="more">{t("shop.more")}</h2>}
      <section className="goods">
        {others.map((product) => (
          <Card key={product.id} product={product} busy={adding.busy} onBuy={buy} />
        ))}
      </section>
    </>
  )
}

interface GoodProps {
  product: Product
  busy: boolean
  onBuy: (variantId: string) => void
}

function Hero(props: GoodProps) {
  const { locale, t } = usePlace()
  const { handle, title, description } = props.product
  return (
    <section className="hero">
      <div className="art">
        <img src={artOf(handle)} alt="" />
      </div>
      <div className="words">
        <p className="eyebrow">{t("shop.intro")}</p>
        <h1>{t("shop.title")}</h1>
        <h2>{titleOf(handle, title, locale)}</h2>
        <p>{storyOf(handle, description, locale)}</p>
        <Buy {...props} className="button" />
      </div>
    </section>
  )
}

function Card(props: GoodProps) {
  const { locale } = usePlace()
  const { handle, title, description } = props.product
  return (
    <article>
      <div className="art">
        <img src={artOf(handle)} alt="" />
      </div>
      <div className="words">
        <h3>{titleOf(handle, title, locale)}</h3>
        <p>{storyOf(handle, description, locale)}</p>
        <Buy {...props} className="button plain" />
      </div>
    </article>
  )
}

function Buy({ product, busy, onBuy, className }: GoodProps & { className: string }) {
  const { t, money } = usePlace()
  const variant = product.variants?.[0]
  const price = variant?.calculated_price?.calculated_amount
  if (!variant || price == null) {
    return null // not sold in this region
  }
  return (
    <div className="buy">
      <span className="price">{money(price)}</span>
      <button
        className={className}
        disabled={busy}
        onClick={() => onBuy(variant.id)}
        data-testid={`add-${product.handle}`}
      >
        {t("shop.add")}
      </button>
    </div>
  )
}
