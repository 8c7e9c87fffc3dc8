import { fileURLToPath } from "node:url"
import react from "@vitejs/plugin-react"
import { defineConfig } from "vite"

// A real shop copies the pieces into its own sources; this one shows the very files.
const pieces = fileURLToPath(new URL("../../storefront/payme", import.meta.url))

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "payme-storefront": pieces }, dedupe: ["react", "react-dom"] },
})
