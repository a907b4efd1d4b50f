"""HTTP: reads, calls one service, shapes the answer."""
