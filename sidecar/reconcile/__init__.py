"""The books of one period side by side: our ledger, the commerce backend's payments, a statement of Payme's cabinet."""
