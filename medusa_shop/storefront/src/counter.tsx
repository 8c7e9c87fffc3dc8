/** The shop's counter: Medusa behind it, the shopper's cart upon it. */
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react"
import type { ReactNode } from "react"
import { flushSync } from "react-dom"
import type { Config } from "./config"
import { useRoute } from "./navigation"
import { refusalOf, type Refusal } from "./refusal"
import { Shop, type Cart } from "./shop"

interface Counter {
  shop: Shop
  config: Config
  /** undefined while it is being fetched, null when there is none */
  cart: Cart | null | undefined
  /** Why the cart could not be fetched. */
  refusal: Refusal | null
  put: (cart: Cart | null) => void
}

const CounterContext = createContext<Counter | null>(null)

export function CounterProvider({ config, children }: { config: Config; children: ReactNode }) {
  const shop = useMemo(() => new Shop(config, window.localStorage), [config])
  const { page } = useRoute()
  const [cart, setCart] = useState<Cart | null>()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const puts = useRef(0)
  const put = useCallback((next: Cart | null) => {
    puts.current += 1
    // At once: whoever goes on to the next step must find there the cart that allows it.
    flushSync(() => setCart(next))
  }, [])

  // Whatever tab or tunnel the cart was changed or paid through meanwhile: every page begins with Medusa's word on it.
  const arrival = page.name === "checkout" ? page.step : page.name
  useEffect(() => {
    const before = puts.current
    const current = () => puts.current === before // else the shopper was quicker than this answer
    shop.cart().then(
      (found) => current() && (put(found), setRefusal(null)),
      (failure: unknown) => current() && setRefusal(refusalOf(failure))
    )
  }, [shop, put, arrival])

  const value = useMemo(() => ({ shop, config, cart, refusal, put }), [shop, config, cart, refusal, put])
  return <CounterContext.Provider value={value}>{children}</CounterContext.Provider>
}

export function useCounter(): Counter {
  const counter = useContext(CounterContext)
  if (!counter) {
    throw new Error("useCounter needs a CounterProvider above it")
  }
  return counter
}

/** One thing the shopper does: busy while it lasts, and the refusal if it fails. */
export function useAction() {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const act = useCallback(async (work: () => Promise<void>) => {
    setBusy(true)
    setRefusal(null)
    try {
      await work()
    } catch (failure) {
      setRefusal(refusalOf(failure))
    } finally {
      setBusy(false)
    }
  }, [])
  return { busy, refusal, act }
}

/** Something to be fetched for this page, anew when `key` changes. `again` asks once more, keeping the old till then. */
export function useLoaded<T>(load: () => Promise<T>, key: string) {
  const [value, setValue] = useState<T>()
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const [times, setTimes] = useState(0)
  useEffect(() => {
    let here = true
    load().then(
      (found) => here && (setValue(() => found), setRefusal(null)),
      (failure: unknown) => here && setRefusal(refusalOf(failure))
    )
    return () => void (here = false)
  }, [key, times])
  const again = useCallback(() => setTimes((before) => before + 1), [])
  return { value, refusal, again }
}
