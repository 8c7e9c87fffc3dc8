// What the shop sells, where it delivers, and the two keys that others need. The keys go to the file SEED_RESULT.
const { writeFileSync } = require("node:fs")
const { ContainerRegistrationKeys, Modules, ProductStatus } = require("@medusajs/framework/utils")
const flows = require("@medusajs/medusa/core-flows")

const STOCK = 1000
// What a fiscal receipt says of them; a real shop looks its codes up at tasnif.soliq.uz.
const CERAMICS = { ikpu_code: "06912001006000000", package_code: "1500215", vat_percent: 12 }
const SILK = { ikpu_code: "06214001001000000", package_code: "1500216", vat_percent: 12 }
const PRODUCTS = [
  { handle: "tea-set", title: "Rishtan tea set", amount: 140000, metadata: CERAMICS },
  { handle: "lagan", title: "Lagan, hand-painted", amount: 320000, metadata: CERAMICS },
  { handle: "adras-scarf", title: "Adras scarf", amount: 89000.5, metadata: SILK },
]

exports.default = async function seed({ container }) {
  const run = async (workflow, input) => (await workflow(container).run({ input })).result
  const link = container.resolve(ContainerRegistrationKeys.LINK)
  const query = container.resolve(ContainerRegistrationKeys.QUERY)

  const [channel] = await run(flows.createSalesChannelsWorkflow, { salesChannelsData: [{ name: "Storefront" }] })
  const [store] = await container.resolve(Modules.STORE).listStores()
  await run(flows.updateStoresWorkflow, {
    selector: { id: store.id },
    update: {
      supported_currencies: [{ currency_code: "uzs", is_default: true }],
      default_sales_channel_id: channel.id,
    },
  })
  const [region] = await run(flows.createRegionsWorkflow, {
    regions: [
      { name: "Uzbekistan", currency_code: "uzs", countries: ["uz"], payment_providers: ["pp_payme_payme", "pp_system_default"] },
    ],
  })
  await run(flows.createTaxRegionsWorkflow, [{ country_code: "uz", provider_id: "tp_system" }])

  const [location] = await run(flows.createStockLocationsWorkflow, {
    locations: [{ name: "Tashkent", address: { city: "Tashkent", country_code: "UZ", address_1: "Amir Temur 1" } }],
  })
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_provider_id: "manual_manual" },
  })
  await run(flows.linkSalesChannelsToStockLocationWorkflow, { id: location.id, add: [channel.id] })

  const [profile] = await run(flows.createShippingProfilesWorkflow, { data: [{ name: "Everything", type: "default" }] })
  const set = await container.resolve(Modules.FULFILLMENT).createFulfillmentSets({
    name: "Delivery",
    type: "shipping",
    service_zones: [{ name: "Uzbekistan", geo_zones: [{ country_code: "uz", type: "country" }] }],
  })
  await link.create({
    [Modules.STOCK_LOCATION]: { stock_location_id: location.id },
    [Modules.FULFILLMENT]: { fulfillment_set_id: set.id },
  })
  await run(
    flows.createShippingOptionsWorkflow,
    [
      { name: "Delivery in Tashkent", code: "delivery", amount: 0 },
      { name: "Pick-up at Chorsu", code: "pick-up", amount: 0 },
    ].map(({ name, code, amount }) => ({
      name,
      price_type: "flat",
      provider_id: "manual_manual",
      service_zone_id: set.service_zones[0].id,
      shipping_profile_id: profile.id,
      type: { label: name, description: name, code },
      prices: [{ currency_code: "uzs", amount }],
      rules: [
        { attribute: "enabled_in_store", value: "true", operator: "eq" },
        { attribute: "is_return", value: "false", operator: "eq" },
      ],
    }))
  )

  const products = await run(flows.createProductsWorkflow, {
    products: PRODUCTS.map(({ handle, title, amount, metadata }) => ({
      title,
      handle,
      metadata,
      status: ProductStatus.PUBLISHED,
      shipping_profile_id: profile.id,
      sales_channels: [{ id: channel.id }],
      options: [{ title: "Kind", values: ["One"] }],
      variants: [
        { title, sku: handle, options: { Kind: "One" }, manage_inventory: true, prices: [{ currency_code: "uzs", amount }] },
      ],
    })),
  })
  const { data: items } = await query.graph({ entity: "inventory_item", fields: ["id", "sku"] })
  await run(flows.createInventoryLevelsWorkflow, {
    inventory_levels: items.map(({ id }) => ({
      inventory_item_id: id,
      location_id: location.id,
      stocked_quantity: STOCK,
    })),
  })

  const [publishable, secret] = await run(flows.createApiKeysWorkflow, {
    api_keys: [
      { title: "Storefront", type: "publishable", created_by: "" },
      { title: "payme-sidecar", type: "secret", created_by: "" },
    ],
  })
  await run(flows.linkSalesChannelsToApiKeyWorkflow, { id: publishable.id, add: [channel.id] })

  const seeded = {
    publishableKey: publishable.token,
    secretKey: secret.token,
    regionId: region.id,
    salesChannelId: channel.id,
    locationId: location.id,
    variants: Object.fromEntries(products.map(({ handle, variants }) => [handle, variants[0].id])),
    inventoryItems: Object.fromEntries(items.map(({ id, sku }) => [sku, id])),
  }
  if (process.env.SEED_RESULT) {
    writeFileSync(process.env.SEED_RESULT, JSON.stringify(seeded, null, 2))
  }
}
