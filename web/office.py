"""The office of this request: what every use case needs, hung on the application once."""

from typing import cast

from flask import Flask, current_app

from engine.services.office import Office

_KEY = "office"


def place(app: Flask, office: Office) -> None:
    app.extensions[_KEY] = office


def current_office() -> Office:
    return cast(Office, current_app.extensions[_KEY])
