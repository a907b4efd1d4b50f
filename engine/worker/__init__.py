"""Celery: delivery only; the tables are the truth."""
