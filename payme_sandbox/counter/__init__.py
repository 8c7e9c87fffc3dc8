"""Payme's side by hand: where a buyer pays, a merchant refunds, and two sets of books are compared."""
