"""The register of commitments 信用承诺: search, one with its history, the public list, findings."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor, Permission
from engine.domain.commitment import CommitmentKind, Openness, Performance, commitment_code_problem
from engine.domain.errors import Invalid, NotFound, NotPermitted
from engine.domain.views import CommitmentEventView, CommitmentView, Page
from engine.domain.words import Words
from engine.persistence import models
from engine.persistence.keyset import after_cursor, next_cursor
from engine.services import commitment_keeping
from engine.services.commitment_keeping import Finding
from engine.services.office import Office

PAGE = 50
LONGEST_TEXT = 2000
#: The public is shown what binds or was judged; what lapsed with its case binds nobody.
SHOWN = tuple(each.value for each in Performance if each is not Performance.LAPSED)

Found = Select[models.Commitment]


def published(
    office: Office, *, q: str, now: datetime, cursor: str | None = None, limit: int = 20
) -> Page[CommitmentView]:
    """Commitments that may be published, each with its state; of one enterprise, by name or code."""
    row = models.Commitment
    found = select(row).where(
        row.openness == Openness.PUBLIC.value,
        row.performance.in_(SHOWN),
    )
    return _page(office, _matching(found, q), now, cursor, limit)


def find(
    office: Office,
    actor: Actor,
    *,
    now: datetime,
    q: str = "",
    kind: str | None = None,
    performance: str | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[CommitmentView]:
    """Commitments an actor may see: staff all, an enterprise its own."""
    found = _seen(actor, q, kind, performance)
    return _page(office, found, now, cursor, limit)


def _seen(actor: Actor, q: str, kind: str | None, performance: str | None) -> Found:
    row = models.Commitment
    found = select(row)
    if actor.is_enterprise:
        found = found.where(row.subject_code == actor.subject)
    elif not actor.is_staff:
        raise NotPermitted("请先登录。", "sign in first")
    if kind:
        found = found.where(row.kind == kind)
    if performance:
        found = found.where(row.performance == performance)
    return _matching(found, q)


def _matching(found: Found, q: str) -> Found:
    if not (text := q.strip()):
        return found
    row = models.Commitment
    named = row.subject_name.contains(text, autoescape=True)
    return found.where(or_(named, row.subject_code == text.upper(), row.code == text))


def _page(
    office: Office, found: Found, now: datetime, cursor: str | None, limit: int
) -> Page[CommitmentView]:
    row, today = models.Commitment, office.calendar().local_date(now)
    found = after_cursor(found, (row.made_on, row.id), cursor).limit(limit + 1)
    with office.uow.read() as session:
        rows = session.scalars(found).all()
    items = tuple(_view(each, today) for each in rows[:limit])
    return Page(items, next_cursor(rows, limit, lambda each: (each.made_on, each.id)))


def get(
    office: Office, actor: Actor, code: str, *, now: datetime
) -> tuple[CommitmentView, tuple[CommitmentEventView, ...]]:
    """One commitment with its append-only history, the newest first."""
    with office.uow.read() as session:
        row = _by_code(session, code)
        if not (actor.is_staff or row.subject_code == actor.subject):
            raise _unknown()
        events = _events(session, row)
    told = tuple(_event_view(office, each) for each in events)
    return _view(row, office.calendar().local_date(now)), told


def _by_code(session: Session, code: str, *, locked: bool = False) -> models.Commitment:
    if problem := commitment_code_problem(code):
        raise NotFound(f"{problem.zh}。", problem.en)
    found = select(models.Commitment).where(models.Commitment.code == code)
    row = session.scalar(found.with_for_update() if locked else found)
    if row is None:
        raise _unknown()
    return row


def _unknown() -> NotFound:
    return NotFound("没有这份承诺。", "there is no such commitment")


def _events(session: Session, row: models.Commitment) -> Sequence[models.CommitmentEvent]:
    event = models.CommitmentEvent
    found = select(event).where(event.commitment_id == row.id).order_by(event.sequence.desc())
    return session.scalars(found).all()


def judge(
    office: Office,
    actor: Actor,
    code: str,
    performance: str,
    *,
    basis: str,
    unfulfilled: str = "",
    consequence: str = "",
    now: datetime,
) -> None:
    """Record how a commitment was performed, by the actor's department, with the basis.

    Who keeps the register may judge every commitment, a department those before itself.
    Errors: NotPermitted; Invalid with fields; Conflict for a finding that cannot follow.
    """
    if not actor.may(Permission.KEEP_COMMITMENTS):
        actor.must(Permission.JUDGE_COMMITMENTS)
    found = _performance(performance)
    _check_texts(basis=basis, unfulfilled=unfulfilled, consequence=consequence)
    finding = Finding(
        found,
        basis.strip(),
        actor,
        now,
        office.calendar().local_date(now),
        unit=_unit_of(office, actor),
        unfulfilled=unfulfilled.strip(),
        consequence=consequence.strip(),
    )
    with office.uow.begin() as session:
        row = _by_code(session, code, locked=True)
        if not _may_judge(session, actor, row):
            raise NotPermitted("这份承诺不归您单位认定。", "it is not your department's to judge")
        commitment_keeping.find(session, row, finding)


def _unit_of(office: Office, actor: Actor) -> tuple[str, str]:
    """Name and unified social credit code of the actor's department."""
    directory = office.directory()
    unit = directory.department(actor.department)
    codes = {key: code for code, key in directory.codes.items()}
    return unit.zh if unit else "", codes.get(actor.department or "", "")


def may_judge(office: Office, actor: Actor, code: str) -> bool:
    """Whether the actor may record a finding about this commitment."""
    with office.uow.read() as session:
        return _may_judge(session, actor, _by_code(session, code))


def _may_judge(session: Session, actor: Actor, row: models.Commitment) -> bool:
    if actor.may(Permission.KEEP_COMMITMENTS):
        return True
    case = session.get(models.Case, row.case_id) if row.case_id else None
    concerned = case is not None and case.authority_key == actor.department
    return actor.may(Permission.JUDGE_COMMITMENTS) and concerned


def _performance(name: str) -> Performance:
    """What people may find: a commitment lapses only by the end of its case."""
    allowed = {each.value for each in Performance} - {"running", "lapsed"}
    if name not in allowed:
        raise Invalid(
            "请选择履行情况。",
            "choose a finding",
            fields={"performance": Words("请选择。", "Choose one.")},
        )
    return Performance(name)


def _check_texts(**texts: str) -> None:
    wrong = {
        name: Words("太长。", "Too long.")
        for name, text in texts.items()
        if len(text) > LONGEST_TEXT
    }
    if not texts["basis"].strip():
        wrong["basis"] = Words("请写明依据。", "Say on what it rests.")
    if wrong:
        raise Invalid("有未填或填错的内容。", "something is missing or wrong", fields=wrong)


def _view(row: models.Commitment, today: date) -> CommitmentView:
    performance = Performance(row.performance)
    is_over = row.valid_until is not None and row.valid_until < today
    return CommitmentView(
        code=row.code,
        kind=row.kind,
        kind_title=CommitmentKind(row.kind).words,
        subject_code=row.subject_code,
        subject_name=row.subject_name,
        subject_class=row.subject_class,
        reason=row.reason,
        content=row.content,
        sanction=row.sanction,
        made_on=row.made_on,
        valid_until=row.valid_until,
        performance=row.performance,
        performance_title=performance.words,
        unfulfilled=row.unfulfilled,
        consequence=row.consequence,
        found_on=row.found_on,
        found_by=row.found_by,
        found_by_code=row.found_by_code,
        accepted_by=row.accepted_by,
        accepted_by_code=row.accepted_by_code,
        openness=row.openness,
        openness_title=Openness(row.openness).words,
        note=row.note,
        case_number=row.case_number,
        is_over=is_over and performance is Performance.RUNNING,
    )


def _event_view(office: Office, row: models.CommitmentEvent) -> CommitmentEventView:
    return CommitmentEventView(
        at=row.at,
        before=Performance(row.before).words if row.before else None,
        after=Performance(row.after).words,
        basis=row.basis,
        detail=row.detail,
        case_number=row.case_number,
        actor_name=row.actor_name,
        department=office.directory().department(row.department),
    )
