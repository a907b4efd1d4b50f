"""The supervisor's pages, by address: board, lists, heat map, notices."""

from flask import Blueprint

from engine.domain.actor import Permission
from web import auth
from web.pages import board, charts, event_log, heat, leave, notices, places, ratings

blueprint = Blueprint("supervision", __name__, url_prefix="/supervision")
blueprint.before_request(auth.staff_with(Permission.SUPERVISE))


add = blueprint.add_url_rule
add("", "board", board.show)
add("/now", "now", board.now)
add("/board.xlsx", "board_sheet", board.sheet)
add("/places", "places", places.show)
add("/places.xlsx", "places_sheet", places.sheet)
add("/breaches", "breaches", places.breaches)
add("/silent", "silent", places.silent)
add("/leave", "leave", leave.overview)
add("/workload", "workload", board.workload)
add("/charts", "charts", charts.show)
add("/event-log.<form>", "event_log", event_log.download)
add("/heatmap/<procedure>", "heatmap", heat.show)
add("/ratings", "ratings", ratings.board)
add("/notices", "notices", notices.index)
add("/notices", "issue_notices", notices.issue, methods=["POST"])
add("/notices/new", "notice_form", notices.form)
