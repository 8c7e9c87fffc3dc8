"""Our own shop: the sidecar as it is served, beside a commerce backend of one page."""
