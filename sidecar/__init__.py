"""The payment sidecar: Payme on one side, the commerce backend on the other."""
