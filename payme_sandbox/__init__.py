"""Payme in a box: Payme's side of the Merchant API, to certify an endpoint and to try a shop by hand.

A stand-in, made from Payme's public documentation and from what was seen of its sandbox; it has nothing to do with
Payme, moves no money, and knows nothing of the endpoint but what comes over the wire.
"""
