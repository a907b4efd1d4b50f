"""The emergency response under which the training installation works: its acts, each confirmed by a second."""

from datetime import date

from engine.domain.emergency import Act, Level
from engine.services import emergencies, emergency_acts, people
from engine.services.emergency_acts import Proposal
from engine.services.office import Office

TITLE = "新型冠状病毒感染肺炎疫情（演练）"
DECLARED = Proposal(
    Act.DECLARE,
    on=date(2020, 1, 25),
    document="省启动突发公共卫生事件一级响应的公告（2020年1月24日）（演练）",
    reason="防控新型冠状病毒感染的肺炎疫情",
    level=Level.FIRST,
    title=TITLE,
)


LOWERED_ON = date(2020, 2, 25)


def declare(office: Office) -> None:
    """Level I since 25 January."""
    _enter(office, DECLARED, ("qinli", "shenlixin"))


def lower(office: Office) -> None:
    """Level II a month later."""
    (declared,) = emergencies.known(office)
    lowered = Proposal(
        Act.LEVEL,
        on=LOWERED_ON,
        document="省调整突发公共卫生事件应急响应级别的公告（2020年2月24日）（演练）",
        reason="疫情形势好转，分区分级精准防控",
        level=Level.SECOND,
        emergency_id=declared.id,
    )
    _enter(office, lowered, ("shenlixin", "qinli"))


def _enter(office: Office, proposal: Proposal, names: tuple[str, str]) -> None:
    first, second = (people.actor_of_username(office, name) for name in names)
    now = office.now()
    emergency_acts.declare_at_once(office, proposal, by=first, confirmed_by=second, now=now)
