"""The flow as a heat map, on the diagram and beside it as a table."""

from flask import g, render_template, request

from engine.domain.clock import Light
from engine.domain.supervision_views import HeatMap
from engine.domain.words import Words
from engine.services import people, procedures, supervision
from web.days import read_day
from web.office import current_office

ORDER = {Light.RED: 0, Light.YELLOW: 1}


def show(procedure: str) -> str:
    office, args = current_office(), request.args
    seen: HeatMap = supervision.heatmap(
        office,
        g.actor,
        procedure,
        now=g.now,
        since=read_day(args.get("since")),
        until=read_day(args.get("until")),
        department=args.get("department", "").strip() or None,
    )
    processes = [
        {
            "id": process,
            "title": seen.titles.get(process, Words(process)),
            "xml": xml,
            "elements": sorted(
                (one for one in seen.elements if one.process_id == process),
                key=lambda one: (ORDER.get(one.light, 2), -(one.share or 0), -one.open, -one.count),
            ),
        }
        for process, xml in seen.diagrams.items()
    ]
    return render_template(
        "supervision/heatmap.html",
        seen=seen,
        processes=processes,
        departments=people.departments(office),
        offered=procedures.open_procedures(office, g.actor, now=g.now),
    )
