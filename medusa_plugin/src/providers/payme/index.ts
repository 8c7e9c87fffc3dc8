import { ModuleProvider, Modules } from "@medusajs/framework/utils"
import PaymeProviderService from "./service"

export default ModuleProvider(Modules.PAYMENT, { services: [PaymeProviderService] })
