/** Where the shopper is, and the links that lead on, without loading the page anew. */
import { createContext, useContext, useEffect, useState } from "react"
import type { MouseEvent, ReactNode } from "react"
import { som } from "./money"
import { addressOf, HOME, readRoute, type Page, type Place, type Route } from "./route"
import { say, type TextKey } from "./texts"

// Not an event and no external store: React would draw the new address before the new cart that was put with it.
const onlookers = new Set<() => void>()

const RouteContext = createContext<Route>(HOME)

export function Navigation({ children }: { children: ReactNode }) {
  const { pathname, search } = new URL(useAddress())
  const route = readRoute(pathname, search)
  useEffect(() => {
    if (!route) move(addressOf(HOME), "replace")
  })
  return route && <RouteContext.Provider value={route}>{children}</RouteContext.Provider>
}

export function useRoute(): Route {
  return useContext(RouteContext)
}

/** What every page needs of its place: the way on, and its language. */
export function usePlace() {
  const { place } = useRoute()
  return {
    place,
    locale: place.locale,
    t: (key: TextKey, values?: Record<string, string>) => say(key, place.locale, values),
    money: (amount: number) => som(amount, place.locale),
    href: (page: Page) => addressOf({ place, page }),
    go: (page: Page, how: "push" | "replace" = "push") => move(addressOf({ place, page }), how),
  }
}

interface LinkProps {
  to: Page
  place?: Place
  className?: string
  title?: string
  children: ReactNode
  "aria-current"?: "step" | "true" | undefined
  "data-testid"?: string
}

export function Link({ to, place, children, ...rest }: LinkProps) {
  const here = useRoute().place
  const href = addressOf({ place: place ?? here, page: to })
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) {
      return // the shopper wants another tab
    }
    event.preventDefault()
    move(href, "push")
  }
  return (
    <a href={href} onClick={follow} {...rest}>
      {children}
    </a>
  )
}

function move(address: string, how: "push" | "replace"): void {
  window.history[how === "push" ? "pushState" : "replaceState"](null, "", address)
  onlookers.forEach((look) => look())
  window.scrollTo(0, 0)
}

function useAddress(): string {
  const [address, setAddress] = useState(window.location.href)
  useEffect(() => {
    const look = () => setAddress(window.location.href)
    look()
    onlookers.add(look)
    window.addEventListener("popstate", look)
    return () => {
      onlookers.delete(look)
      window.removeEventListener("popstate", look)
    }
  }, [])
  return address
}
