"""The flow as a heat map, on the diagram and beside it as a table."""

from flask import g, render_template

from engine.domain.clock import Light
from engine.domain.supervision_views import HeatMap
from engine.domain.words import Words
from engine.services import supervision
from web.office import current_office


def show(procedure: str) -> str:
    seen: HeatMap = supervision.heatmap(current_office(), g.actor, procedure, now=g.now)
    order = {Light.RED: 0, Light.YELLOW: 1}
    processes = [
        {
            "id": process,
            "title": seen.titles.get(process, Words(process)),
            "xml": xml,
            "elements": sorted(
                (one for one in seen.elements if one.process_id == process),
                key=lambda one: (order.get(one.light, 2), -one.open, -one.count),
            ),
        }
        for process, xml in seen.diagrams.items()
    ]
    return render_template("supervision/heatmap.html", seen=seen, processes=processes)
