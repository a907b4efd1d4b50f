"""/api/v1: one module per noun."""

from flask import Flask


def register(app: Flask) -> None:
    """Hang the API, its document, and the probes on the application."""
    try:  # until every service is there
        from web.api import (
            calendars,
            cases,
            certificates,
            departments,
            documents,
            eligibility,
            incidents,
            letters,
            openapi,
            probes,
            procedures,
            process_definitions,
            records,
            sandbox,
            supervision,
            tasks,
            tokens,
            tracking,
        )
    except ImportError:
        return
    NOUNS = (
        tokens,
        procedures,
        eligibility,
        cases,
        tasks,
        records,
        documents,
        letters,
        tracking,
        certificates,
        supervision,
        process_definitions,
        incidents,
        calendars,
        departments,
        sandbox,
    )
    document = openapi.Document(app)
    for module in NOUNS:
        document.add(module.noun)
    app.register_blueprint(openapi.guide)
    probes.install(app)
