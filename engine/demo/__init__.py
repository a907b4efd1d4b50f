"""Fills a training installation by driving the services as its people would."""
