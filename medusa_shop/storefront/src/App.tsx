/** Which page an address shows. */
import { usePlace, useRoute } from "./navigation"
import { CartPage } from "./pages/CartPage"
import { CheckoutPage } from "./pages/CheckoutPage"
import { OrderPage } from "./pages/OrderPage"
import { ShopPage } from "./pages/ShopPage"
import { Frame } from "./parts/Frame"
import { Notice, ToTheGoods } from "./parts/Notice"

export function App() {
  return (
    <Frame>
      <CurrentPage />
    </Frame>
  )
}

function CurrentPage() {
  const { page } = useRoute()
  switch (page.name) {
    case "shop":
      return <ShopPage />
    case "cart":
      return <CartPage />
    case "checkout":
      return <CheckoutPage page={page} />
    case "order":
      return <OrderPage key={page.id} id={page.id} />
    case "missing":
      return <MissingPage />
  }
}

function MissingPage() {
  const { t } = usePlace()
  return (
    <section className="sheet">
      <Notice title={t("missing.title")} />
      <ToTheGoods />
    </section>
  )
}
