"""A task as its page shows it."""
