"""Clocks by hand: pause, resume, extension, a second correction; parameters of lights and limits."""

from uuid import UUID

from flask import g

from engine.domain.views import ClockChoices, Page, ParameterView
from engine.services import case_clocks, clock_actions, parameters
from web.api.calls import Call, Noun
from web.api.reading import Body
from web.api.schemas.clock import (
    AllowCorrection,
    Asked,
    AskForExtension,
    Choices,
    CorrectEntry,
    DecideExtension,
    ParameterPage,
    PauseClock,
    ResumeClock,
    SetParameter,
)
from web.auth import current_actor
from web.office import current_office

noun = Noun("clocks", "Clocks by hand, and the parameters by which they run")
CASE = "/cases/<number>"


@noun.call(Call("GET", f"{CASE}/pauses", answer=Choices, refuses=(404,)))
def choices(number: str) -> ClockChoices:
    """Lawful grounds on which the handling clock may be paused, open pauses, the cap of extensions"""
    return case_clocks.choices(current_office(), current_actor(), number, now=g.now)


@noun.call(Call("POST", f"{CASE}/clocks/<key>/pause", body=PauseClock, refuses=(404, 409)))
def pause(body: Body, number: str, key: str) -> None:
    """Pause a clock on a lawful ground; the applicant gets a letter

    409 when the clock does not run, has passed its end, or is paused on this ground already.
    """
    clock_actions.pause(current_office(), current_actor(), number, key, now=g.now, **body)


@noun.call(Call("POST", f"{CASE}/clocks/<key>/resume", body=ResumeClock, refuses=(404, 409)))
def resume(body: Body, number: str, key: str) -> None:
    """End a pause; the clock runs again once no other is open

    The applicant gets a letter with the days not counted and the new last day.
    """
    clock_actions.resume(current_office(), current_actor(), number, key, now=g.now, **body)


@noun.call(Call("POST", f"{CASE}/clocks/<key>/corrections", body=CorrectEntry, refuses=(404, 409)))
def correct(body: Body, number: str, key: str) -> None:
    """Correct an entry made by mistake: it no longer counts, and stays to be read"""
    clock_actions.correct_entry(
        current_office(), current_actor(), number, key, body["sequence"],
        reason=body["reason"], now=g.now,
    )  # fmt: skip


@noun.call(
    Call(
        "POST",
        f"{CASE}/extensions",
        body=AskForExtension,
        answer=Asked,
        status=201,
        keyed=True,
        refuses=(404, 409),
    )
)
def ask(body: Body, number: str) -> dict[str, UUID]:
    """Ask for an extension of the handling time, before its end; a leader decides"""
    asked = clock_actions.ask_for_extension(
        current_office(), current_actor(), number, now=g.now, **body
    )
    return {"id": asked}


@noun.call(
    Call(
        "POST",
        f"{CASE}/extensions/<uuid:extension_id>/decision",
        body=DecideExtension,
        refuses=(404, 409),
    )
)
def decide(body: Body, number: str, extension_id: UUID) -> None:
    """Decide on an extension: another person than who asked for it

    An approved one lengthens the limit at once, and the applicant gets a letter before the end.
    """
    clock_actions.decide_extension(
        current_office(), current_actor(), number, extension_id, now=g.now, **body
    )


@noun.call(Call("POST", f"{CASE}/corrections", body=AllowCorrection, refuses=(404, 409)))
def allow_correction(body: Body, number: str) -> None:
    """Allow a second correction request, on a supervisor's ground that is kept"""
    clock_actions.allow_second_correction(
        current_office(), current_actor(), number, ground=body["ground"], now=g.now
    )


@noun.call(Call("GET", "/parameters", answer=ParameterPage))
def listed() -> Page[ParameterView]:
    """What an administrator may set: lights, local limits, caps of extensions; with what stands now"""
    return Page(parameters.listed(current_office(), current_actor()))


@noun.call(Call("PUT", "/parameters/<key>", body=SetParameter, refuses=(404,)))
def set_parameter(body: Body, key: str) -> None:
    """Set a parameter for the office, a procedure or an edition; limits begun before keep theirs"""
    parameters.set_value(current_office(), current_actor(), key=key, now=g.now, **body)
