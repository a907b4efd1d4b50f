"""Services that answer with plain values, so that a page can be looked at and tested alone.

The values are those of tests/web/desk_samples.py and, for the enterprise, of the mock-ups:
Monday 2 March 2020, 10:20.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from engine.domain.actor import Actor
from engine.domain.clock import Whose
from engine.domain.errors import NotAuthenticated, NotFound
from engine.domain.views import (
    CaseView,
    CertificateView,
    DocumentView,
    DraftView,
    EligibilityView,
    Filed,
    MissingPaper,
    Page,
    PaperView,
    ProcedureView,
    RecordEventView,
    RecordView,
    TaskPage,
    TrackView,
)
from engine.domain.words import Words
from engine.services.sessions import Opened
from engine.settings import read_settings
from tests.web import desk_samples as desk
from tests.web import register_samples as registers
from web.app import create_app

ENTERPRISE = desk.ENTERPRISE
SUBJECT = desk.CASE.subject
PASSWORD = "correct horse"
PEOPLE = {actor.username: actor for actor in (ENTERPRISE, desk.CLERK, desk.ADMINISTRATOR)}
FORMS = Path(__file__).parents[2] / "workflows"
CATALOGUE = Path(__file__).parents[2] / "web/translations/en/LC_MESSAGES/messages.po"


def a_paper(key: str, zh: str, en: str, *, required: bool = True, source: str = "applicant",
            hint: str = "", documents: tuple[DocumentView, ...] = ()) -> PaperView:  # fmt: skip
    told = Words(hint, "All four corners, legible.") if hint else None
    return PaperView(key, Words(zh, en), told, required, source, documents)


PAPERS = (
    a_paper("performance_proof", "处罚履行证明（罚款缴款凭证等）", "Proof that the penalty was carried out",
            hint="罚款、没收的交缴款凭证。拍照须四角完整，看得清缴款日期。"),
    a_paper("rectification", "整改情况说明（盖章）", "Account of rectification (sealed)", required=False),
    a_paper("registration", "营业执照", "Business licence", source="register"),
    a_paper("repair_form", "信用修复表（处罚机关意见）", "Opinion of the authority", source="authority"),
)  # fmt: skip


def a_record(number: str, authority: str, decided: date, outcome: str, sentence: Words,
             earliest: date | None, *, grade: str = "general", routes: tuple[Words, ...] = (),
             open_case: str | None = None) -> RecordView:  # fmt: skip
    eligibility = EligibilityView(
        outcome, sentence, earliest, date(2020, 11, 28), "A-01 · E-04",
        "发改办财金〔2019〕527号：涉及一般失信行为的行政处罚信息，自处罚决定之日起公示满 3 个月。",
        PAPERS, routes,
    )  # fmt: skip
    title = Words("一般失信", "General") if grade == "general" else Words("严重失信", "Serious")
    return replace(
        desk.RECORD, id=desk.sample_id(number), number=number, authority=authority,
        decided_on=decided, grade=grade, grade_title=title, earliest_on=earliest, flags=(),
        flag_titles=(), open_case=open_case, eligibility=eligibility,
    )  # fmt: skip


RECORDS = (
    a_record("昆市监处罚〔2019〕386 号", "昆山市市场监督管理局", date(2019, 11, 28), "eligible",
             Words("最短公示期已满，可以申请修复。", "The minimum period is over; you may apply."), date(2020, 2, 28)),
    a_record("昆应急罚〔2019〕52 号", "昆山市应急管理局", date(2019, 12, 16), "not_yet",
             Words("最短公示期未满。最早 2020年3月16日 可以申请。", "The minimum period is not over yet."), date(2020, 3, 16),
             routes=(Words("认为处罚信息有错误的，可以申请异议处理。", "If it is wrong, you may object."),)),
    a_record("昆环罚〔2019〕61 号", "苏州市昆山生态环境局", date(2019, 10, 9), "not_yet",
             Words("最短公示期未满。最早 2020年4月9日 可以申请。", "The minimum period is not over yet."), date(2020, 4, 9), grade="serious"),
    a_record("昆市监处罚〔2019〕417 号", "昆山市市场监督管理局", date(2019, 11, 8), "repair_pending",
             Words("这条记录正在修复。", "This record is being repaired."), date(2020, 2, 8), open_case=desk.NUMBER),
    a_record("昆消行罚〔2019〕9 号", "昆山市消防救援大队", date(2019, 6, 3), "never",
             Words("属于特定严重失信行为，公示期内不能提前修复。", "A grave case: it stays for the whole period."), None, grade="serious",
             routes=(Words("公示满 3 年自动撤下。", "It comes down by itself after three years."),)),
)  # fmt: skip

DRAFT_ID = desk.sample_id("draft")
TURN = replace(
    desk.TASKS[7], id=desk.sample_id("turn"), why=Words("窗口 2月24日一次性告知缺 2 件材料。", "Two papers are missing."),
    title=Words("补交材料", "Supplement the papers"), state="ready", assignee=None, may_complete=True,
    created_at=desk.at(2, 24, 10), case_number="KSXY-XF-20200221-000002",
)  # fmt: skip
RATE = replace(
    TURN, id=desk.sample_id("rate"), element_id="rate", title=Words("服务评价", "Rate the service"),
    case_number="KSXY-XF-20200213-000001", due_at=desk.at(3, 30, 17), days_left=20,
)  # fmt: skip

UNDER_WAY = replace(
    desk.CASE, title="昆市监处罚〔2019〕417 号", actions=frozenset({"withdraw", "attach"}), tasks=desk.TASKS[3:4]
)  # fmt: skip
SUPPLEMENT = replace(
    UNDER_WAY, number=TURN.case_number, query_code="3K9T", title="昆市监处罚〔2019〕402 号", tasks=(TURN,), decide_by=None,
    clocks=(desk.CLOCKS["fresh"],),
    waiting=(replace(
        desk.WAITING, headline=Words("轮到您：请补交 2 件材料，最迟 3月9日 周一。", "Your turn: two papers, by Monday 9 March."),
        sentence=Words("窗口 2月24日一次性告知了全部缺项，之后不会再要别的。交齐当时即受理。", " Nothing else will be asked for."),
        whose=Whose.APPLICANT, is_applicants_turn=True, task_id=TURN.id),),
    papers=PAPERS,
)  # fmt: skip
GRANTED = replace(
    UNDER_WAY, number=RATE.case_number, query_code="8H2D", title="昆市监处罚〔2019〕355 号", tasks=(RATE,),
    outcome="granted", outcome_title=Words("准予修复", "Granted"), closed_at=desk.at(2, 28, 10), waiting=(),
    clocks=(desk.CLOCKS["stopped"],), actions=frozenset(),
    records=(replace(desk.RECORD, publication="withdrawn_repaired", publication_title=Words("已撤下（修复）", "Taken down (repaired)"),
                     open_case=None, number="昆市监处罚〔2019〕355 号"),),
)  # fmt: skip
REFUSED = replace(
    UNDER_WAY, number="KSXY-XF-20200211-000004", outcome="refused", outcome_title=Words("不予修复", "Refused"), tasks=(),
    waiting=(), actions=frozenset({"reconsider"}),
)  # fmt: skip
REVIEWED = replace(
    desk.CURRENT, id=desk.sample_id("reviewed"), element_id="review_filing", state="completed",
    completed_at=desk.at(2, 24, 10), case_number=TURN.case_number,
)  # fmt: skip
SUPPLEMENT = replace(SUPPLEMENT, tasks=(REVIEWED, TURN))
MISSING: dict[str, Any] = {
    "acceptance": "supplement",
    "missing": [
        {"paper": "performance_proof", "reason": "原件上看不清缴款日期", "form": "清晰照片，四角完整"},
        {"paper": "rectification", "reason": "未盖公章", "form": "加盖公章的扫描件"},
    ],
}  # fmt: skip
PAPER_TITLES = {
    "performance_proof": Words("处罚履行证明", "Proof of performance"),
    "rectification": Words("整改情况说明", "Account of rectification"),
}
CASES = {case.number: case for case in (UNDER_WAY, SUPPLEMENT, GRANTED, REFUSED)}
REMOVALS = (
    RecordEventView(desk.at(2, 26, 15, 20), Words("公示状态", "publication"), "publication",
                    Words("公示中", "shown"), Words("已撤下（修复）", "taken down (repaired)"), GRANTED.number, "take_down", "钱一鸣", "凭证 9f3c…21"),
    RecordEventView(desk.at(2, 26, 15, 32), Words("上报状态", "reporting"), "reporting", Words("已上报", "reported"),
                    Words("撤回已推送", "withdrawal sent"), GRANTED.number, "push", "系统", None),
)  # fmt: skip
TRACKED = TrackView(
    UNDER_WAY.number, UNDER_WAY.procedure_title, "open", None, UNDER_WAY.filed_at, None, UNDER_WAY.decide_by,
    UNDER_WAY.stages, UNDER_WAY.waiting, UNDER_WAY.clocks,
)  # fmt: skip
LETTER = CertificateView(
    "昆信用修〔2020〕决 5 号", Words("信用修复决定书（准予）", "Decision (granted)"), desk.at(2, 26, 14, 50), "昆山市信用办公室",
    "昆山禾曜****公司", "valid", "9f3c21aa" * 8, GRANTED.number,
)  # fmt: skip
PROCEDURE = ProcedureView(
    "credit_repair", Words("信用修复（行政处罚信息）", "Credit repair (administrative penalty)"),
    Words("处罚已履行、违法行为已改正、最短公示期已满的，可以申请提前撤下。", "A published penalty may be taken down early."),
    "2020", 3, ("发改办财金〔2019〕527号",), date(2019, 7, 1), date(2023, 4, 30), 10, True,
)  # fmt: skip


def form(path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FORMS / path).read_text(encoding="utf-8"))
    return loaded


@dataclass
class Sample:
    """What the pages asked the services to do, and the values they answer with."""

    now: datetime = desk.NOW
    calls: list[tuple[str, Any]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    papers: dict[str, list[DocumentView]] = field(default_factory=dict)
    records: tuple[RecordView, ...] = RECORDS
    refusal: Exception | None = None

    @property
    def draft(self) -> DraftView:
        papers = tuple(
            replace(paper, documents=tuple(self.papers.get(paper.key, ()))) for paper in PAPERS
        )
        return DraftView(
            DRAFT_ID, "credit_repair", PROCEDURE.title, SUBJECT, RECORDS[:1], self.answers, papers,
            form("credit_repair/forms/application.json"), desk.at(3, 1, 20),
        )  # fmt: skip

    def noted(self, name: str, answer: Any = None) -> Callable[..., Any]:
        def call(_office: object, _actor: object, *rest: Any, **named: Any) -> Any:
            named.pop("now", None)
            self.calls.append((name, (*rest, *named.values())))
            if self.refusal is not None:
                raise self.refusal
            return answer

        return call

    def services(self) -> Iterator[tuple[str, str, Callable[..., Any]]]:
        """(module, function, what stands in for it)."""
        yield "sign_ins", "sign_in", self._sign_in
        yield "second_factors", "is_asked", lambda *_: False
        yield "second_factors", "lacks", lambda *_: False
        yield "sessions", "begin", lambda _o, actor, **_: str(actor.id)
        yield "sessions", "open_session", self._open_session
        yield "sessions", "end", lambda *_, **__: ""
        yield "tokens", "actor_of", _no_token
        yield "procedures", "open_procedures", lambda *_, **__: (PROCEDURE,)
        yield "records", "eligibility", lambda *_, **__: self.records
        yield "records", "get", lambda _o, _a, record_id, **_: (GRANTED.records[0], REMOVALS)
        yield "records", "published", _published
        yield "record_file", "get", lambda *_, **__: registers.FILE
        yield "site_lists", "of_case", lambda *_, **__: (registers.ROW,)
        yield "inquiries", "of_case", lambda *_, **__: desk.INQUIRIES
        yield "ratings", "is_open", lambda *_: False
        yield "site_work", "get", lambda *_, **__: registers.WHOLE
        yield "still_shown", "say", self.noted("still_shown", registers.WORD)
        yield "cases", "find", lambda *_, **__: Page(desk.ROWS[:4])
        yield "cases", "get", _case
        yield "cases", "track", _track
        yield "cases", "withdraw", self.noted("withdraw")
        yield "cases", "message", self.noted("message")
        yield "letters", "certificate", _certificate
        yield "letters", "open_letter", lambda *_: (desk.LETTERS[0], b"%PDF-1.7 letter")
        yield "documents", "open_document", lambda _o, _a, i: (_document(i), b"content")
        yield "documents", "attach", self.noted("attach_to_case")
        yield "tasks", "inbox", lambda *_, **__: Page((TURN,))
        yield "tasks", "get", _task
        yield "tasks", "form", lambda *_, **__: form("common/forms/rate.json")
        yield "tasks", "complete", self.noted("complete")
        yield "tasks", "save_draft", self.noted("save_draft", desk.NOW)
        yield "applications", "start", self.noted("start", DRAFT_ID)
        yield "applications", "mine", lambda *_, **__: (self.draft,)
        yield "applications", "get", lambda *_, **__: self.draft
        yield "applications", "save", self._save
        yield "applications", "attach", self._attach
        yield "applications", "detach", self._detach
        yield "applications", "discard", self.noted("discard")
        filed = Filed(UNDER_WAY.number, "7Q4M", desk.NOW, date(2020, 3, 2), None, None)
        yield "applications", "submit", self.noted("submit", filed)
        yield "calendars", "due", lambda _o, start, days: desk.CALENDAR.after(start, days)
        yield "training", "set_clock", self._set_clock

    def _sign_in(self, _office: object, username: str, password: str, **_: Any) -> Actor:
        if username not in PEOPLE or password != PASSWORD:
            raise NotAuthenticated("用户名或密码不对。", "wrong name or password")
        return PEOPLE[username]

    def _open_session(self, _office: object, token: str, **_: Any) -> Opened:
        for actor in PEOPLE.values():
            if str(actor.id) == token:
                return Opened(actor, UUID(token), False)
        raise NotAuthenticated("请重新登录。", "sign in again")

    def _save(self, _o: object, _a: object, _d: UUID, answers: dict[str, Any], **_: Any) -> None:
        self.answers = {**self.answers, **answers}

    def _attach(
        self, _o: object, _a: object, _d: UUID, paper: str, name: str, content: bytes, **_: Any
    ) -> DocumentView:
        if self.refusal is not None:
            raise self.refusal
        kept = replace(
            desk.PAPERS[0], id=desk.sample_id(name), filename=name, size=len(content), receipt=""
        )
        self.papers.setdefault(paper, []).append(kept)
        return kept

    def _detach(self, _o: object, _a: object, _d: UUID, document_id: UUID, **_: Any) -> None:
        for kept in self.papers.values():
            kept[:] = [document for document in kept if document.id != document_id]

    def _set_clock(self, _o: object, _a: object, to: datetime, **_: Any) -> Any:
        if self.refusal is not None:
            raise self.refusal
        self.calls.append(("set_clock", to))
        self.now = to
        return SimpleNamespace(enabled=True, now=to)


def _no_token(*_: Any, **__: Any) -> Actor:
    raise NotAuthenticated("令牌无效。", "the token is not valid")


def _published(_o: object, *, q: str, **_: Any) -> Page[RecordView]:
    return Page(tuple(record for record in RECORDS[:2] if q in record.subject_name), None, None)


def _case(_o: object, _a: object, number: str, **_: Any) -> CaseView:
    if number not in CASES:
        raise NotFound("没有这个办件。", "there is no such case")
    return CASES[number]


def _track(_o: object, number: str, code: str, **_: Any) -> TrackView:
    if (number, code) != (UNDER_WAY.number, "7Q4M"):
        raise NotFound("编号和查询码对不上。", "number and code do not match")
    return TRACKED


def _certificate(_o: object, number: str, **_: Any) -> CertificateView:
    if number != LETTER.number:
        raise NotFound("没有这份文书。", "there is no such letter")
    return LETTER


def _document(document_id: UUID) -> DocumentView:
    script = replace(desk.PAPERS[0], media_type="text/html", filename="坏.html")
    return script if document_id == desk.sample_id("script") else desk.PAPERS[0]


def _task(_o: object, _a: object, task_id: UUID, **_: Any) -> TaskPage:
    if task_id == RATE.id:
        return TaskPage(RATE, GRANTED, form("common/forms/rate.json"), {}, None)
    if task_id != TURN.id:
        raise NotFound("没有这项任务。", "there is no such task")
    asked = tuple(
        MissingPaper(each["paper"], PAPER_TITLES[each["paper"]], each["reason"], each["form"])
        for each in MISSING["missing"]
    )
    schema = form("common/forms/supplement.json")
    return TaskPage(TURN, SUPPLEMENT, schema, {}, None, missing=asked)


def install(sample: Sample, set_attribute: Callable[[Any, str, Any], None]) -> None:
    """Let the services answer with samples; `set_attribute` is monkeypatch.setattr or setattr."""
    for module, name, function in sample.services():
        set_attribute(import_module(f"engine.services.{module}"), name, function)


class _CompiledOnce(BytecodeCache):
    """Templates compiled in one test serve the others."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _CompiledOnce()


def make_app(sample: Sample, *, is_training: bool = True) -> Flask:
    office = SimpleNamespace(
        now=lambda: sample.now,
        is_training=is_training,
        calendar=lambda: desk.CALENDAR,
        breached=None,
    )
    settings = read_settings({"KUNXIN_SECRET_KEY": "a key for tests"})
    app = create_app(office, settings)  # type: ignore[arg-type]
    app.testing = True
    app.jinja_env.bytecode_cache = _COMPILED
    return app


def speak_english(app: Flask, folder: Path) -> None:
    """Give the application the English catalogue, compiled into this folder."""
    target = folder / "en/LC_MESSAGES"
    target.mkdir(parents=True)
    with CATALOGUE.open("rb") as source, (target / "messages.mo").open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="en"))
    app.extensions["babel"].translation_directories = [str(folder)]
