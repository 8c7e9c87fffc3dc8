/** What surrounds every page: the shop's name, the languages, the way to the cart, and the honest line below. */
import { useEffect } from "react"
import type { ReactNode } from "react"
import bowl from "../art/bowl.svg"
import { useCounter } from "../counter"
import { Link, usePlace, useRoute } from "../navigation"
import { LOCALES, type Locale } from "../texts"

export function Frame({ children }: { children: ReactNode }) {
  const { locale, t } = usePlace()
  useEffect(() => {
    document.documentElement.lang = locale
    document.title = `Piyola · ${t("shop.slogan")}`
  })
  return (
    <>
      <header className="top">
        <Link className="brand" to={{ name: "shop" }} data-testid="home">
          <img src={bowl} alt="" />
          <span>
            <b>Piyola</b>
            <small>{t("shop.slogan")}</small>
          </span>
        </Link>
        <Languages />
        <ToCart />
      </header>
      <main>{children}</main>
      <footer className="honest">{t("footer.honest")}</footer>
    </>
  )
}

function Languages() {
  const { place, page } = useRoute()
  const { t } = usePlace()
  return (
    <nav className="languages" aria-label={t("language")}>
      {(Object.keys(LOCALES) as Locale[]).map((locale) => (
        <Link
          key={locale}
          to={page}
          place={{ ...place, locale }}
          title={LOCALES[locale]}
          aria-current={locale === place.locale ? "true" : undefined}
          data-testid={`language-${locale}`}
        >
          {locale}
        </Link>
      ))}
    </nav>
  )
}

function ToCart() {
  const { t } = usePlace()
  const { cart } = useCounter()
  const lines = cart && !cart.completed_at ? (cart.items ?? []) : []
  const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0)
  return (
    <Link className="to-cart" to={{ name: "cart" }} data-testid="to-cart">
      {t("cart.link")}
      <b>{pieces}</b>
    </Link>
  )
}
