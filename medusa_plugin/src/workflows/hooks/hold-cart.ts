import { refreshPaymentCollectionForCartWorkflow } from "@medusajs/medusa/core-flows"
import { holdCart } from "../../guards/cart"

refreshPaymentCollectionForCartWorkflow.hooks.validate(async ({ cart }, { container }) => holdCart(cart, container))
