"""The sandbox: the clock of a training installation, which can be set."""

from flask import g

from engine.domain.errors import NotFound
from engine.services import training
from engine.services.training import TrainingClock
from web.api.calls import Call, Noun, Who
from web.api.reading import Body
from web.api.schemas.office import SandboxClock, SetClock
from web.office import current_office

noun = Noun("sandbox", "The clock of a training installation")


@noun.call(Call("GET", "/sandbox/clock", answer=SandboxClock, who=Who.ANYBODY, refuses=(404,)))
def show() -> TrainingClock:
    """Where the training clock stands; 404 when this is not a training installation"""
    return _training()


@noun.call(
    Call(
        "PUT",
        "/sandbox/clock",
        body=SetClock,
        answer=SandboxClock,
        who=Who.EITHER,
        refuses=(404,),
    )
)
def put(body: Body) -> TrainingClock:
    """Set the training clock; whatever is due by then happens before this answers"""
    _training()
    return training.set_clock(current_office(), g.actor, body["now"], now=g.now)


def _training() -> TrainingClock:
    clock = training.state(current_office())
    if not clock.enabled:
        raise NotFound("这不是演练环境，时钟不能调整。", "this is not a training installation")
    return clock
