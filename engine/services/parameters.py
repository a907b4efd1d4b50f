"""Parameters an administrator may change: when lights turn yellow, local limits, caps of extensions."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.clock_reading import LightRule
from engine.domain.errors import Invalid, NotFound
from engine.domain.parameters import (
    EXTENSION,
    HEAT,
    HEAT_NEAR,
    HEAT_OVER,
    LIMIT,
    LOCAL,
    SITE,
    STILL_SHOWN,
    YELLOW_DAYS,
    YELLOW_HOURS,
    YELLOW_SHARE,
    check_heat,
    checked,
    newest,
)
from engine.domain.views import ParameterView
from engine.domain.words import Words
from engine.persistence import models
from engine.runtime.procedure import Procedure
from engine.services.office import Office

_Rows = Mapping[tuple[str, str], models.Parameter]
LEAST = 2
ON_LIGHTS = "地方电子监察做法，本地参数"
LIGHTS = {
    YELLOW_DAYS: (
        Words("黄灯：剩余工作日不多于", "yellow light: working days left, at most"),
        str(LightRule().yellow_days),
    ),
    YELLOW_SHARE: (
        Words("黄灯：剩余不多于期限的比例", "yellow light: share of the limit left, at most"),
        f"{LightRule().yellow_share:g}",
    ),
    YELLOW_HOURS: (
        Words("黄灯：按小时计的期限，剩余小时不多于", "yellow light: office hours left, at most"),
        str(LightRule().yellow_hours),
    ),
}

ON_HEAT = "督办用图的颜色，本地参数"
HEAT_TITLES = {
    HEAT_NEAR: Words(
        "热力图变黄：中位用时超过环节期限的百分之",
        "heat map turns yellow: median time above this per cent of the step's limit",
    ),
    HEAT_OVER: Words(
        "热力图变红：中位用时超过环节期限的百分之",
        "heat map turns red: median time above this per cent of the step's limit",
    ),
}


def listed(office: Office, actor: Actor) -> tuple[ParameterView, ...]:
    """Everything that may be set: for the office, then for each procedure's newest edition."""
    actor.must(Permission.ADMINISTER)
    with office.uow.read() as session:
        return tuple(_all(office, session))


def _all(office: Office, session: Session) -> Iterator[ParameterView]:
    rows = _newest(session)
    everywhere = ("", Words("全办", "the whole office"))
    yield from _of_colours(rows, everywhere)
    yield from _of_sites(office, rows, everywhere)
    for procedure in _editions(office, session):
        scope = f"{procedure.key}:{procedure.edition}"
        where = Words(
            f"{procedure.title.zh} {procedure.edition}", f"{procedure.title.en} {procedure.edition}"
        )
        place = (scope, where)
        yield from _of_colours(rows, place)
        for limit in procedure.limits.values():
            if limit.budget is not None and LOCAL in limit.basis:
                usual = str(limit.budget.amount)
                key = LIMIT + limit.key
                unit = limit.budget.unit.value
                yield _view(rows, place, key, limit.title, usual, limit.basis, unit)
        for clock in procedure.clocks.values():
            if clock.extension is not None:
                title = Words(f"{clock.title.zh}最多延长", f"{clock.title.en}: longest extension")
                rule = clock.extension
                key, usual = EXTENSION + clock.key, str(rule.amount)
                yield _view(rows, place, key, title, usual, rule.basis, "working_days")


def _of_colours(rows: _Rows, place: tuple[str, Words]) -> Iterator[ParameterView]:
    """When lights and steps of the heat map change colour."""
    for key, (title, usual) in LIGHTS.items():
        yield _view(rows, place, key, title, usual, ON_LIGHTS)
    for key, title in HEAT_TITLES.items():
        yield _view(rows, place, key, title, str(HEAT[key]), ON_HEAT)


def _of_sites(office: Office, rows: _Rows, place: tuple[str, Words]) -> Iterator[ParameterView]:
    """How long other sites have, and words of an enterprise, where no law says it."""
    sites = office.sites
    told = [(SITE + each.key, each.title, each.budget, each.basis) for each in sites.limits]
    answers = Words("反映“仍在公示”后答复", "answer to “still shown”")
    told.append((STILL_SHOWN, answers, sites.answers_in, sites.answers_basis))
    for key, title, budget, basis in told:
        if LOCAL in basis:
            yield _view(rows, place, key, title, str(budget.amount), basis, budget.unit.value)


def _editions(office: Office, session: Session) -> list[Procedure]:
    """The newest version of every edition of every procedure."""
    definition = models.ProcessDefinition
    found = select(definition.id).order_by(
        definition.procedure, definition.effective_from, definition.version
    )
    last: dict[tuple[str, str], Procedure] = {}
    for each in session.scalars(found):
        procedure = office.procedure(session, each)
        last[procedure.key, procedure.edition] = procedure
    return list(last.values())


def _newest(session: Session) -> _Rows:
    row = models.Parameter
    found = session.scalars(select(row).order_by(row.sequence))
    return {(each.scope, each.key): each for each in found}


def _view(
    rows: _Rows,
    place: tuple[str, Words],
    key: str,
    title: Words,
    usual: str,
    basis: str,
    unit: str = "",
) -> ParameterView:
    scope, where = place
    row = rows.get((scope, key))
    is_set = row is not None and row.value != ""
    return ParameterView(
        scope=scope,
        scope_title=where,
        key=key,
        title=title,
        unit=unit,
        usual=usual,
        value=row.value if row is not None and is_set else None,
        basis=row.basis if row is not None and is_set else basis,
        set_by=row.set_by_name if row is not None else None,
        set_at=row.set_at if row is not None else None,
    )


def set_value(
    office: Office,
    actor: Actor,
    *,
    scope: str,
    key: str,
    value: str,
    basis: str,
    now: datetime,
) -> None:
    """Set a parameter with what it rests on; "" takes it back. It holds for limits that begin from
    now on: those begun before keep what they were given, and every earlier value stays on record.

    Errors: NotFound for a key that may not be set there, Invalid with fields.
    """
    actor.must(Permission.ADMINISTER)
    with office.uow.begin() as session:
        kept = _checked(office, session, (scope, key), value, basis)
        last = session.scalar(select(func.max(models.Parameter.sequence))) or 0
        session.add(
            models.Parameter(
                id=uuid4(),
                sequence=last + 1,
                scope=scope,
                key=key,
                value=kept,
                basis=basis.strip(),
                set_by=actor.username,
                set_by_name=actor.name,
                set_at=now,
            )
        )
    office.forget()


def _checked(
    office: Office, session: Session, place: tuple[str, str], value: str, basis: str
) -> str:
    """The value as it is kept. place: scope and key."""
    if not any((each.scope, each.key) == place for each in _all(office, session)):
        raise NotFound("没有这个参数。", "there is no such parameter")
    kept = checked(place[1], value)
    if len(basis.strip()) < LEAST:
        wrong = {"basis": Words("请写明依据。", "say what it rests on")}
        raise Invalid("请写明依据。", "say what it rests on", fields=wrong)
    if place[1] in HEAT:
        _check_heat(office, session, (*place, kept))
    return kept


def _check_heat(office: Office, session: Session, given: tuple[str, str, str]) -> None:
    """Invalid where any edition would then be red before it is yellow."""
    row = models.Parameter
    rows = session.scalars(select(row).order_by(row.sequence))
    then = newest((*((each.scope, each.key, each.value) for each in rows), given))
    for procedure in _editions(office, session):
        check_heat(then, procedure.key, procedure.edition)
