"""The case engine: domain, runtime, persistence and the services that join them."""
