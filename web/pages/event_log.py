"""事件日志: the history of the cases of a period as a file for process mining."""

from flask import Response, abort, g, request

from engine.domain.event_log import Form
from engine.services import event_log
from engine.services.event_log import Wanted
from web.days import read_day
from web.locale import language
from web.office import current_office
from web.pages import downloads

MEDIA = {Form.XES: "application/xml", Form.OCEL: "application/json"}
ENDINGS = {Form.XES: "xes", Form.OCEL: "jsonocel"}


def download(form: str) -> Response:
    """Of the days and the procedure that the charts beside it show."""
    if form not in {*Form}:
        abort(404)
    kind, args = Form(form), request.args
    wanted = Wanted(
        kind,
        read_day(args.get("since")),
        read_day(args.get("until")),
        args.get("procedure", "").strip() or None,
        language(),
    )
    content = event_log.export(current_office(), g.actor, wanted=wanted, now=g.now)
    return downloads.file(content, MEDIA[kind], f"kunxin-event-log.{ENDINGS[kind]}")
