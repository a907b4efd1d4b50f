"""/api/v1: one module per noun."""

from flask import Flask

from web.api import (
    audit,
    calendars,
    cases,
    certificates,
    clocks,
    commitments,
    courses,
    departments,
    deployments,
    documents,
    eligibility,
    emergencies,
    hand_overs,
    incidents,
    leaves,
    letters,
    migrations,
    notices,
    openapi,
    personal_data,
    probes,
    procedures,
    process_definitions,
    records,
    registers,
    sandbox,
    supervision,
    tasks,
    tokens,
    tracking,
    webhooks,
)

NOUNS = (
    tokens,
    procedures,
    eligibility,
    cases,
    hand_overs,
    clocks,
    tasks,
    records,
    registers,
    personal_data,
    documents,
    letters,
    tracking,
    certificates,
    commitments,
    courses,
    supervision,
    leaves,
    process_definitions,
    deployments,
    migrations,
    incidents,
    calendars,
    emergencies,
    notices,
    departments,
    webhooks,
    audit,
    sandbox,
)


def register(app: Flask) -> None:
    """Hang the API, its document, and the probes on the application."""
    document = openapi.Document(app)
    for module in NOUNS:
        document.add(module.noun)
    app.register_blueprint(openapi.guide)
    probes.install(app)
