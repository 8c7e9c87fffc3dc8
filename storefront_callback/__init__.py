"""Where Payme sends the shopper back to: asks the sidecar what became of the payment and shows the way home."""
