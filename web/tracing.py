"""Tells a tracer of each request: its route and the case it is about, not what was asked for."""

from flask import Flask, Response, g, request

from web.office import current_office


def install(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_note)
    app.teardown_request(_end)


def _begin() -> None:
    route = request.url_rule.rule if request.url_rule else "none"
    told = {"http_request_method": request.method, "http_route": route}
    case = (request.view_args or {}).get("number")
    if case and "/cases/" in route:
        told["kunxin_case"] = str(case)
    g.span_end = current_office().tracing.begin(f"{request.method} {route}", **told)


def _note(response: Response) -> Response:
    g.answered = response.status_code
    return response


def _end(problem: BaseException | None) -> None:
    end = g.pop("span_end", None)
    if end is None:
        return
    status = g.pop("answered", 500)
    failed = {"error": type(problem).__name__ if problem else str(status)} if status >= 500 else {}
    end(http_response_status_code=str(status), **failed)
