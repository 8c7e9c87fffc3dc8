export { holdCart } from "../guards/cart"
