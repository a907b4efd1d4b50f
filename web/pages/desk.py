"""The caseworker's pages, by address: inbox, one task, several at once, cases."""

from flask import Blueprint

from web import auth
from web.pages import (
    bulk,
    case_clocks,
    case_file,
    case_notes,
    company,
    follow_up,
    foreseen,
    inbox,
    inbox_arrangement,
    leave,
    notices,
    task,
)

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
blueprint.before_request(auth.staff_only)

add = blueprint.add_url_rule
add("", "inbox", inbox.show)
add("/rows", "rows", inbox.rows)
add("/filters", "filters", inbox_arrangement.filters)
add("/filters", "filter_save", inbox_arrangement.save_filter, methods=["POST"])
add(
    "/filters/<uuid:filter_id>/remove",
    "filter_remove",
    inbox_arrangement.remove_filter,
    methods=["POST"],
)
add("/columns", "columns", inbox_arrangement.columns)
add("/form", "show_as", inbox_arrangement.show_as, methods=["POST"])
add("/columns", "columns_choose", inbox_arrangement.choose_columns, methods=["POST"])
add("/bulk", "bulk", bulk.preview)
add("/bulk", "bulk_act", bulk.act, methods=["POST"])
add("/tasks/<uuid:task_id>", "task", task.show)
add("/tasks/<uuid:task_id>", "complete", task.complete, methods=["POST"])
add("/tasks/<uuid:task_id>/pane", "pane", task.pane)
add("/tasks/<uuid:task_id>/draft", "draft", task.save_draft, methods=["POST"])
add("/tasks/<uuid:task_id>/presence", "presence", company.attend, methods=["POST"])
add("/tasks/<uuid:task_id>/preview", "foreseen", foreseen.show, methods=["POST"])
add(
    "/tasks/<uuid:task_id>/preview/<key>",
    "foreseen_letter",
    foreseen.letter,
    methods=["POST"],
)
add("/tasks/<uuid:task_id>/claim", "claim", task.claim, methods=["POST"])
add("/tasks/<uuid:task_id>/unclaim", "unclaim", task.unclaim, methods=["POST"])
add("/tasks/<uuid:task_id>/reassign", "reassign", task.reassign_form)
add("/tasks/<uuid:task_id>/reassign", "reassign_act", task.reassign, methods=["POST"])
add("/notices/<uuid:notice_id>", "notice", notices.show)
add("/leave", "leave", leave.own)
add("/leave", "leave_enter", leave.enter, methods=["POST"])
add("/leave/<uuid:leave_id>/end", "leave_end", leave.end, methods=["POST"])
add("/cases", "cases", case_file.index)
add("/cases/<number>", "case", case_file.show)
add(
    "/cases/<number>/parts/"
    "<any(file,papers,rules,history,diagram,letters,sites,related,notes,personal):part>",
    "part",
    case_file.part,
)
add("/cases/<number>/notes", "note_add", case_notes.add, methods=["POST"])
add("/people", "people_like", case_notes.people)
add("/cases/<number>/follow-ups/<key>", "follow_up", follow_up.show_at_desk)
add(
    "/cases/<number>/follow-ups/<key>",
    "follow_up_act",
    follow_up.begin_at_desk,
    methods=["POST"],
)
add("/cases/<number>/pause", "pause", case_clocks.pause_form)
add("/cases/<number>/pause", "pause_act", case_clocks.pause, methods=["POST"])
add("/cases/<number>/resume", "resume", case_clocks.resume_form)
add("/cases/<number>/resume", "resume_act", case_clocks.resume, methods=["POST"])
add("/cases/<number>/extension", "extension", case_clocks.extension_form)
add("/cases/<number>/extension", "extension_act", case_clocks.extend, methods=["POST"])
add("/cases/<number>/correction", "correction", case_clocks.correction_form)
add("/cases/<number>/correction", "correction_act", case_clocks.allow_correction, methods=["POST"])
