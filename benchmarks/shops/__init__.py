"""One small shop for each package, built as its README says, and a side door by which a test makes orders in it."""
