"""Payme's door: the Merchant API, in Payme's own words."""
