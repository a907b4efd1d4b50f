"""The operations as the gate knows them: parameters read off the functions, effects written here."""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from engine.runtime.gate import Effect, Shape, Vocabulary
from engine.services.operations import OPERATIONS
from engine.services.operations.records import FLAGGED, TAKEN_DOWN

ALL = ("*",)
#: Values that a parameter of that name may have, wherever it is asked for.
CLOSED: Mapping[str, frozenset[str]] = {
    "flag": frozenset(FLAGGED),
    "publication": frozenset(TAKEN_DOWN),
    "mode": frozenset({"normal", "conditional", "deemed"}),
    "way": frozenset({"electronic", "post", "public_notice"}),
    "result_is": frozenset({"not_requested", "upheld", "overturned"}),
}
#: What operations give back. `$name` is the value of that parameter, `?letter` a letter that waits.
ANSWERS: Mapping[str, tuple[Any, ...]] = {
    "check_filing": ({"code_is_valid": True, "pending": []},),
    "check_eligibility": ({"eligible": True}, {"eligible": False}),
    "accept_case": ("accepted",),
    "refuse_case": ("not_accepted",),
    "deem_withdrawn": ("deemed_withdrawn",),
    "record_reconsideration": ("$result_is",),
    "restore_record": ("shown", "over"),
    "find_pending_letter": ("?letter",),
    "issue_letter": ("electronic", "post"),
    "route_objection": ("own", "pboc", "court"),
    "record_certificate": ("issue",),
    "refuse_certificate": ("refuse",),
    "check_deferral": ("allowed", "refused"),
    "weigh_deferral": ("leader", "meeting"),
    "decide_deferral": ("$outcome",),
    "refuse_goods_certificate": ("refuse",),
    "drop_court_notice": ("void",),
    "begin_court_takedown": ("deleted", "temporary", "temporary_restored"),
}
#: Letters that an operation needs without being told their names.
LETTERS: Mapping[str, tuple[str, ...]] = {
    "receive_filing": ("filing_receipt",),
    "refuse_case": ("refusal_of_acceptance",),
    "deem_withdrawn": ("deemed_withdrawn",),
    "withdraw_case": ("withdrawal_confirmed",),
    "request_supplement": ("supplement_request",),
    "pause_clock": ("pause_notice",),
    "resume_clock": ("resume_notice",),
    "extend_clock": ("extension_notice",),
    "issue_supervision_notice": ("supervision_notice",),
    "decide_deferral": ("rectification_extended",),
    "move_deferral_end": ("deferral_end_changed",),
    "refuse_renewal": ("renewal_refused",),
    "break_promise": ("promise_broken",),
}
#: The process that an operation starts beside the case.
BEGINS: Mapping[str, str] = {"open_supervision": "supervision"}
#: Shared processes that a use case starts beside a case, without being asked by a diagram.
BEGUN = frozenset({"extension", "promise"})
EFFECTS: Mapping[str, Effect] = {
    "receive_filing": Effect(starts=("acceptance",)),
    "accept_case": Effect(stops=("acceptance",), starts=("handling",)),
    "refuse_case": Effect(stops=("acceptance",), queues=("refusal_of_acceptance",)),
    "deem_withdrawn": Effect(stops=("acceptance",), queues=("deemed_withdrawn",)),
    "withdraw_case": Effect(no_flags=ALL, stops=ALL, queues=("withdrawal_confirmed",)),
    "prepare_letter": Effect(queues=("$letter",)),
    "record_outcome": Effect(stops=("handling",), queues=("$letter",)),
    "issue_certificate": Effect(stops=("handling",), queues=("$letter",)),
    "record_certificate": Effect(stops=("handling",), queues=("$letter",)),
    "refuse_certificate": Effect(stops=("handling",), queues=("$letter",)),
    "void_certificate": Effect(queues=("$letter",)),
    "issue_goods_certificate": Effect(stops=("handling",)),
    "refuse_goods_certificate": Effect(stops=("handling",), queues=("$letter",)),
    "record_court_refusal": Effect(stops=("handling",), queues=("$letter",)),
    "begin_court_takedown": Effect(starts=("court_takedown",)),
    "drop_court_notice": Effect(stops=("court_takedown",)),
    "take_down_by_court": Effect(stops=("court_takedown",), no_flags=("repairing",)),
    "make_removal_final": Effect(no_flags=("repairing",), queues=("$letter",)),
    "begin_restoration": Effect(starts=("restoration",)),
    "put_back_by_court": Effect(stops=("restoration",), queues=("$letter",)),
    "conclude_objection": Effect(no_flags=("objection",), stops=("handling",), queues=("$letter",)),
    "record_reconsideration": Effect(queues=("?reconsideration_$result_is",)),
    "draw_up_letter": Effect(queues=("$letter",)),
    "record_misconduct": Effect(queues=("$letter",)),
    "mark_record": Effect(flags=("$flag",)),
    "unmark_record": Effect(no_flags=("$flag",)),
    "take_down_record": Effect(no_flags=("repairing",), queues=("$letter",)),
    "start_clock": Effect(starts=("$clock",)),
    "decide_deferral": Effect(stops=("handling",), queues=("$letter",)),
    "settle_reporting": Effect(queues=("$letter",)),
    "release_reporting": Effect(queues=("$letter",)),
    "close_case": Effect(no_flags=ALL, stops=ALL),
    "issue_letter": Effect(serves=("$letter",)),
}


@cache
def vocabulary() -> Vocabulary:
    """What the shipped operations offer to diagrams; groups come with the folder."""
    return Vocabulary(
        operations={name: _shape(name, act) for name, act in OPERATIONS.items()},
        begun=BEGUN,
        given={"grade": ("general", "serious")},
    )


def _shape(name: str, act: Callable[..., Any]) -> Shape:
    asked = list(inspect.signature(act).parameters.values())[1:]  # the first is the casework
    names = tuple(each.name for each in asked)
    return Shape(
        parameters=names,
        required=frozenset(e.name for e in asked if e.default is inspect.Parameter.empty),
        values={each: CLOSED[each] for each in names if each in CLOSED},
        answers=ANSWERS.get(name, ()),
        letters=LETTERS.get(name, ()),
        begins=BEGINS.get(name, ""),
        effect=EFFECTS.get(name, Effect()),
    )
