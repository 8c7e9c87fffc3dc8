import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./App"
import { fetchConfig } from "./config"
import { CounterProvider } from "./counter"
import { Navigation } from "./navigation"
import "payme-storefront/payme.css"
import "./style.css"

const config = await fetchConfig()

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <Navigation>
      <CounterProvider config={config}>
        <App />
      </CounterProvider>
    </Navigation>
  </StrictMode>
)
