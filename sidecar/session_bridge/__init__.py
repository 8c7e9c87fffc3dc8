"""The session bridge: keeps what the outbox promised, by telling the commerce backend over HTTP."""
