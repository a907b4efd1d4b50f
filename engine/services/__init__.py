"""Verbs: one function, one transaction, one use case."""
