// The two places where a shop names Payme: `plugins` for the routes, the payment module for the provider.
const { defineConfig } = require("@medusajs/framework/utils")

const PLUGIN = "medusa-payment-payme-sidecar"

module.exports = defineConfig({
  projectConfig: {
    databaseUrl: process.env.DATABASE_URL,
    http: {
      storeCors: process.env.STORE_CORS,
      adminCors: process.env.ADMIN_CORS,
      authCors: process.env.AUTH_CORS,
      jwtSecret: process.env.JWT_SECRET,
      cookieSecret: process.env.COOKIE_SECRET,
    },
  },
  admin: { disable: true },
  plugins: [{ resolve: PLUGIN, options: {} }],
  modules: [
    {
      resolve: "@medusajs/medusa/payment",
      options: {
        providers: [
          {
            resolve: `${PLUGIN}/providers/payme`,
            id: "payme",
            options: {
              sidecarUrl: process.env.PAYME_SIDECAR_URL,
              sidecarApiKey: process.env.PAYME_SIDECAR_API_KEY,
              fiscal: "when_complete",
            },
          },
        ],
      },
    },
  ],
})
