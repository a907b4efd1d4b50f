"""A morning at the credit office in plain values: Monday 2 March 2020, 10:20, as in the mock-ups."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from uuid import UUID, uuid5

from engine.domain.actor import Actor
from engine.domain.calendar import SHANGHAI, Calendar, read_calendar
from engine.domain.clock import (
    Budget,
    ClockEntry,
    EntryKind,
    Holder,
    Light,
    Unit,
    Whose,
    narrate,
    read,
)
from engine.domain.states import TaskState
from engine.domain.views import (
    CaseRow,
    CaseView,
    ClockEntryView,
    ClockView,
    Company,
    DiagramView,
    DocumentView,
    ElementTime,
    EventView,
    ForeseenLetter,
    Foresight,
    Found,
    InquiryLine,
    LetterView,
    NoteView,
    PaperView,
    PlanLine,
    RecordView,
    RelatedCase,
    Said,
    StageView,
    SubjectView,
    TaskPage,
    TaskView,
    WaitingCard,
)
from engine.domain.whose_time import Part
from engine.domain.words import Words

WORKFLOWS = Path(__file__).parents[2] / "workflows"
SPACE = UUID("4f9d5b0e-0000-4000-8000-000000000000")
NUMBER = "KSXY-XF-20200217-000003"
CALENDAR = Calendar(
    read_calendar(path.read_text(encoding="utf-8"))
    for path in sorted((WORKFLOWS / "common" / "calendars").glob("*.csv"))
)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def closing(on: date) -> datetime:
    return datetime.combine(on, time(17), SHANGHAI).astimezone(UTC)


def sample_id(name: str) -> UUID:
    return uuid5(SPACE, name)


NOW = at(3, 2, 10, 20)
CLERK = Actor(sample_id("zhoumin"), "zhoumin", "周敏", "credit_office", frozenset({"credit_clerk"}))
SUPERVISOR = Actor(
    sample_id("luxiaolan"), "luxiaolan", "陆晓岚", "credit_office", frozenset({"supervisor"})
)
ADMINISTRATOR = Actor(sample_id("qinli"), "qinli", "秦立", None, frozenset({"administrator"}))
AUTHORITY = Actor(
    sample_id("wudan"), "wudan", "吴丹", "market_regulation", frozenset({"authority"})
)
OFFICER = Actor(sample_id("hewei"), "hewei", "何伟", "credit_office", frozenset({"credit_officer"}))
ENTERPRISE = Actor(
    sample_id("chengyuan"),
    "chengyuan",
    "沈婷",
    None,
    frozenset({"applicant"}),
    "91320583MA1X00017U",
)

REPAIR = Words("信用修复", "Credit repair")
OFFICE = Words("市信用办", "City Credit Office")
GENERAL = Words("一般失信", "General")


# ---- clocks


def clock(entries: tuple[ClockEntry, ...], holders: tuple[Holder, ...], days: int) -> ClockView:
    budget = Budget(days, Unit.WORKING_DAYS)
    reading = read(budget, entries, CALENDAR, now=NOW, holders=holders)
    shown = tuple(
        ClockEntryView(
            e.kind, e.effective_at, e.recorded_at, e.basis, e.document, e.actor, e.reason
        )
        for e in entries
    )
    narrative = Words(narrate(reading), narrate(reading, language="en"))
    return ClockView(
        "handling", Words("办理期限", "Handling time"), budget, "527号", reading, narrative, shown
    )


def entry(
    kind: EntryKind, at: datetime, reason: str, document: str = "", actor: str = "", basis: str = ""
) -> ClockEntry:
    return ClockEntry(kind, at, at, basis, document, actor, reason)


ACCEPTED = entry(
    EntryKind.START,
    at(2, 21, 16, 40),
    "受理",
    basis="行政许可法第八十二条",
    document="受理通知书 昆信用修〔2020〕受 11 号",
    actor="王芳",
)
SITE_CHECK = (
    entry(EntryKind.PAUSE, at(2, 26, 17, 5), "现场核查", document="停 6 号", actor="周敏"),
    entry(EntryKind.RESUME, at(3, 2, 8, 30), "现场核查", document="恢 6 号", actor="系统"),
)
HOLDERS = (
    Holder(at(2, 21, 16, 40), Whose.OFFICE, "市信用办"),
    Holder(at(2, 24, 17, 10), Whose.DEPARTMENT, "市监局"),
    Holder(at(2, 26, 17, 5), Whose.OFFICE, "市信用办"),
)
CLOCKS = {
    "running": clock((ACCEPTED, *SITE_CHECK), HOLDERS, 10),
    "paused": clock((ACCEPTED, SITE_CHECK[0]), HOLDERS, 10),
    "over": clock((entry(EntryKind.START, at(2, 13, 10), "签收"),), HOLDERS, 7),
    "due_today": clock((entry(EntryKind.START, at(2, 17, 10), "收件"),), HOLDERS[:1], 10),
    "fresh": clock((entry(EntryKind.START, at(3, 2, 9, 30), "受理"),), HOLDERS[:1], 10),
    "stopped": clock((ACCEPTED, entry(EntryKind.STOP, at(2, 27, 15), "办结")), HOLDERS, 10),
    "festival": clock((entry(EntryKind.START, at(1, 17, 10), "收件"),), HOLDERS[:1], 40),
    "not_started": clock((), (), 10),
}


# ---- tasks


def task(
    name: str,
    number: str,
    step: tuple[str, str],
    light: Light,
    due: datetime | None,
    days_left: int | None,
    why: str,
    *,
    line: str = "一般失信 · 昆市监处罚〔2019〕417 号",
    whose: Whose = Whose.OFFICE,
    assignee: str | None = "zhoumin",
    state: TaskState = "claimed",
    reason_not: Words | None = None,
) -> TaskView:
    mine = assignee == "zhoumin"
    return TaskView(
        id=sample_id(number + step[0]),
        case_number=number,
        case_title=name,
        procedure="credit_repair",
        procedure_title=REPAIR,
        element_id=step[0],
        title=Words(step[1]),
        line=Words(line),
        why=Words(why),
        group="credit_clerk",
        group_title=Words("经办", "Clerks"),
        department="credit_office",
        department_title=OFFICE,
        assignee=assignee,
        assignee_name={"zhoumin": "周敏", None: None}.get(assignee, "顾建国"),
        state=state,
        created_at=at(2, 28, 16, 20),
        due_at=due,
        completed_at=None,
        light=light,
        days_left=days_left,
        whose=whose,
        may_claim=assignee is None and reason_not is None,
        may_complete=mine and reason_not is None,
        reason_not=reason_not,
        version=1,
    )


FIRST = ("first_review", "初审")
TASKS = (
    task("昆山启衡五金制品有限公司", "KSXY-XF-20200212-000001", FIRST, Light.RED,
         closing(date(2020, 2, 28)), -1, "本步已超 1 天，全案还剩 2 天；水务局意见晚回 2 天",
         line="一般失信 · 昆水罚〔2019〕31 号"),
    task("昆山榆川电子有限公司", "KSXY-XF-20200225-000002", ("second_review", "复审"), Light.YELLOW,
         closing(date(2020, 3, 2)), 0, "初审 2月28日完成；到点按规则报督办", assignee=None, state="ready"),
    task("昆山铂洲装饰工程有限公司", "KSXY-XF-20200224-000001", FIRST, Light.YELLOW,
         closing(date(2020, 3, 3)), 1, "市住建局意见 2月27日到"),
    task("昆山澄远包装材料有限公司", NUMBER, FIRST, Light.GREEN, closing(date(2020, 3, 4)), 2,
         "现场核查已回传，今天恢复计时，本步第 1 日"),
    task("昆山禾曜生物科技有限公司", "KSXY-XF-20200227-000002", FIRST, Light.GREEN,
         closing(date(2020, 3, 4)), 2, "行业部门已认定疫情客观因素，全案限 5 日",
         line="疫情专线 · 昆应急罚〔2019〕88 号"),
    task("昆山千岫新材料有限公司", "KSXY-XF-20200225-000001", ("second_review", "复审"), Light.GREEN,
         closing(date(2020, 3, 5)), 3, "须核培训证明与信用报告，两件均在卷",
         line="严重失信 · 昆环罚〔2019〕76 号", assignee=None, state="ready",
         reason_not=Words("您做过这件的初审，复审须换人。", "You did the first review; another person must do the second.")),
    task("昆山望渠建设工程有限公司", "KSXY-XF-20200220-000004", ("site_check", "现场核查"), Light.BLUE,
         closing(date(2020, 3, 4)), 2, "等花桥经开区回传，核查限 5 日", whose=Whose.EXPERT),
    task("昆山乙禾农产品有限公司", "KSXY-XF-20200221-000002", ("supplement", "补交材料"), Light.BLUE,
         closing(date(2020, 3, 9)), 5, "补正限 10 日，本办期限未起算；3月6日自动提醒",
         whose=Whose.APPLICANT),
)  # fmt: skip
CURRENT = TASKS[3]


# ---- the case


RECORD = RecordView(
    id=sample_id("record"),
    kind="penalty",
    kind_title=Words("行政处罚", "administrative penalty"),
    subject_code="91320583MA1X00017U",
    subject_name="昆山澄远包装材料有限公司",
    number="昆市监处罚〔2019〕417 号",
    authority="昆山市市场监督管理局",
    authority_key="market_regulation",
    decided_on=date(2019, 11, 8),
    kinds=("罚款",),
    conduct="包装标识不符合规定",
    content="罚款人民币 8,000 元",
    fine="0.8",
    grade="general",
    grade_title=GENERAL,
    grade_rule="G-01",
    publication="shown",
    publication_title=Words("公示中", "Shown"),
    reporting="reported",
    reporting_title=Words("已上报", "Reported"),
    flags=("repairing",),
    flag_titles=(Words("修复中", "Repair pending"),),
    earliest_on=date(2020, 2, 8),
    ends_on=date(2020, 11, 8),
    open_case=NUMBER,
)


def paper(kind: str, title: str, media_type: str, source: str = "applicant") -> DocumentView:
    suffix = {"application/pdf": "pdf", "image/jpeg": "jpg"}[media_type]
    return DocumentView(
        sample_id(kind), kind, Words(title), f"{title}.{suffix}", media_type, 1_400_000,
        "6b1d" * 16, "沈婷", at(2, 17, 14, 2), f"收 14-{len(kind)}", source,
    )  # fmt: skip


PAPERS = (
    paper("commitment", "信用修复承诺书", "application/pdf"),
    paper("payment", "罚款缴款凭证", "image/jpeg"),
    paper("opinion", "行政处罚信息信用修复表", "application/pdf", "authority"),
)
STAGES = (
    StageView("receipt", Words("收件", "Receipt"), "done", at(2, 17, 14, 6), at(2, 17, 14, 6)),
    StageView("supplement", Words("补正", "Supplement"), "done", at(2, 19), at(2, 21, 16, 40),
              Words("窗口一次性告知缺 1 件：罚款缴款凭证。2月21日交齐。")),
    StageView("acceptance", Words("受理", "Acceptance"), "done", at(2, 21, 16, 40), at(2, 21, 16, 40)),
    StageView("examination", Words("审查", "Examination"), "now", at(2, 21, 16, 40), closing(date(2020, 3, 10)),
              Words("初审，今天第 1 日，限 3 日", "First review, day 1 of 3")),
    StageView("decision", Words("决定", "Decision"), "todo", None, closing(date(2020, 3, 10))),
    StageView("service", Words("送达与同步", "Service and sync"), "todo", None, None,
              Words("决定后 1 日撤下", "Down 1 day after the decision")),
)  # fmt: skip
WAITING = WaitingCard(
    headline=Words("现在由市信用办周敏初审。", "Zhou Min of the City Credit Office is doing the first review."),
    sentence=Words(
        "现场核查结果 2月28日 16:20 回传，今天起恢复计时；初审最迟 3月4日完成，之后转顾建国复审。正在计本办的时间。",
        " The site check came back on 28 February; the review ends by 4 March at the latest.",
    ),
    who=Words("市信用办 周敏", "City Credit Office, Zhou Min"),
    step=Words("初审", "First review"),
    since=at(2, 28, 16, 20),
    until=closing(date(2020, 3, 4)),
    whose=Whose.OFFICE,
    is_applicants_turn=False,
    light=Light.GREEN,
    element_id="first_review",
    task_id=CURRENT.id,
    time=Words("这段时间计在本办", "the time is the office's"),
    can_do=Words("现在不用做什么，可以随时来查", "there is nothing to do now"),
    whole=Words("2月28日起在市信用办周敏处。", "Since 28 February with Zhou Min."),
)  # fmt: skip
INQUIRIES = (
    InquiryLine(12, at(2, 27, 10), False, "沈婷", None, "<b>还要几天？</b>"),
    InquiryLine(13, at(2, 27, 15), True, "周敏", OFFICE, "三个工作日内。"),
)
LETTERS = (
    LetterView(sample_id("l1"), "acceptance", "昆信用修〔2020〕受 11 号", Words("受理通知书", "Acceptance letter"),
               "served", at(2, 21, 16, 41), at(2, 21, 16, 41), "electronic", "a1" * 32, True),
    LetterView(sample_id("l2"), "decision", "", Words("准予修复决定书", "Decision"), "pending", None, None, None, None, False),
)  # fmt: skip
CASE = CaseView(
    number=NUMBER, query_code="7Q4M", procedure="credit_repair", procedure_title=REPAIR,
    edition="2020", version=3, title="昆市监处罚〔2019〕417 号",
    subject=SubjectView("91320583MA1X00017U", "昆山澄远包装材料有限公司", "沈立新", "昆山市示例路 8 号", "0512-5700 0099"),
    applicant_name="沈婷", channel="web", state="open", outcome=None, outcome_title=None,
    grade="general", grade_title=GENERAL, tags=(Words("527 号文 规则 A-01", "Order 527, rule A-01"),),
    filed_at=at(2, 17, 14, 6), closed_at=None, decide_by=closing(date(2020, 3, 10)),
    stages=STAGES, waiting=(WAITING,), clocks=(CLOCKS["running"],),
    whose_days=(Part(Whose.OFFICE, 4.5), Part(Whose.APPLICANT, 2), Part(Whose.DEPARTMENT, 2)),
    tasks=(CURRENT,), records=(RECORD,),
    papers=(PaperView("commitment", Words("信用修复承诺书"), None, True, "applicant", PAPERS[:1]),
            PaperView("payment", Words("罚款缴款凭证"), Words("须看清缴款日期"), True, "applicant", PAPERS[1:2]),
            PaperView("training", Words("培训证明"), Words("严重失信才要"), False, "applicant", ())),
    documents=PAPERS, letters=LETTERS,
    answers={"contact": "沈婷", "phone": "13800000000", "rectification": "已更换全部包装标识并复检合格。", "commit": True},
    actions=frozenset({"withdraw"}),
)  # fmt: skip
FORM = {
    "type": "object", "title": "初审", "x-title-en": "First review",
    "required": ["proposal", "reasons"],
    "x-order": ["checks", "proposal", "refusal_ground", "reasons"],
    "x-submit": {"zh": "提交初审意见，转复审", "en": "Submit the first review"},
    "properties": {
        "checks": {"type": "array", "title": "核对要点", "x-title-en": "Points checked", "x-widget": "checklist",
                   "items": {"type": "string", "oneOf": [
                       {"const": "performed", "title": "处罚决定已履行", "x-title-en": "Penalty carried out",
                        "description": "罚款 8,000 元，缴款日 2019年11月22日"},
                       {"const": "corrected", "title": "违法行为已改正", "x-title-en": "Conduct put right"},
                       {"const": "period", "title": "最短公示期已满", "x-title-en": "Minimum period over"}]}},
        "proposal": {"type": "string", "title": "初审意见", "x-title-en": "Proposal", "x-widget": "radio", "oneOf": [
            {"const": "grant", "title": "建议准予修复", "x-title-en": "Grant", "description": "撤下 1 条公示信息，公开信用承诺"},
            {"const": "refuse", "title": "建议不予修复", "x-title-en": "Refuse", "description": "须选不符合的条件，转分管领导"}]},
        "refusal_ground": {"type": "string", "title": "不符合的条件", "x-title-en": "Condition not met",
                           "x-widget": "text", "x-show-if": {"field": "proposal", "in": ["refuse"]}},
        "reasons": {"type": "string", "title": "意见说明", "x-title-en": "Reasons", "x-widget": "textarea",
                    "description": "写入决定书“审查情况”", "minLength": 4},
    },
}  # fmt: skip
OPINION = Said(
    Words("出具修复意见", "Give the repair opinion"),
    Words("市市场监管局 朱海燕", "Market Regulation Bureau 朱海燕"),
    at(2, 28, 10),
    {
        "title": "出具修复意见",
        "properties": {"opinion": {"type": "string", "title": "意见", "x-title-en": "Opinion"}},
    },
    {"opinion": "罚款已缴清，同意修复。"},
)
PAGE = TaskPage(
    task=CURRENT, case=CASE, form=FORM,
    answers={"proposal": "grant", "checks": ["performed", "corrected", "period"], "reasons": "处罚已履行，现场核查未见同类问题。"},
    draft_saved_at=at(3, 2, 10, 18),
    facts=((Words("最短公示期", "Minimum period"), Words("3 个月，2020年2月8日期满", "3 months, over on 8 February 2020")),
           (Words("统一社会信用代码", "Credit code"), Words("校验位正确", "check digit correct"))),
    said=(OPINION,),
)  # fmt: skip


def event(sequence: int, moment: datetime, who: str, title: str, detail: str) -> EventView:
    return EventView(
        sequence, moment, "system" if who == "系统" else who, who,
        None if who == "系统" else OFFICE, "task_completed", "first_review", Words(title), Words(detail),
        {}, f"{sequence:02x}" * 32,
    )  # fmt: skip


HISTORY = (
    event(11, at(3, 2, 8, 30), "系统", "恢复计时", "应办末日 3月6日 → 3月10日"),
    event(10, at(2, 28, 16, 20), "何伟", "现场核查完成", "双人：何伟、周敏"),
    event(9, at(2, 26, 17, 5), "周敏", "暂停计时：现场核查", "理由：核实包装标识整改"),
)
DIAGRAMS = tuple(
    DiagramView(
        process, title, (WORKFLOWS / "credit_repair" / file).read_text(encoding="utf-8"),
        elements, times, is_current,
    )
    for process, title, file, elements, times, is_current in (
        ("credit_repair_examination", Words("审查", "Examination"), "examination.bpmn",
         {"first_review": "active"},
         (ElementTime("opinion", Words("出具修复意见", "Opinion"), Words("市市场监管局 朱海燕"), at(2, 24), at(2, 26, 15, 42), 2, 3, "done"),
          ElementTime("first_review", Words("初审", "First review"), Words("市信用办 周敏"), at(2, 28, 16, 20), None, 1, 3, "active")),
         True),
        ("credit_repair", REPAIR, "process.bpmn", {},
         (ElementTime("receipt", Words("收件审查", "Receipt"), Words("窗口 王芳"), at(2, 17), at(2, 19), 2, 2, "done"),), False),
    )
)  # fmt: skip


def row(of: TaskView) -> CaseRow:
    return CaseRow(
        of.case_number, of.procedure, of.procedure_title, "昆市监处罚〔2019〕417 号", of.case_title,
        "91320583MA1X00017U", "open", None, None, "examination", Words("审查", "Examination"), of.title,
        of.department_title, at(2, 17, 14, 6), of.due_at, of.light, of.days_left,
    )  # fmt: skip


ROWS = tuple(row(one) for one in TASKS)
NOTE = NoteView(7, at(3, 2, 9, 30), "顾建国", OFFICE, "<b>缴款凭证</b> @周敏", ("周敏",))
RELATED = RelatedCase(ROWS[0], Words("同一条记录", "the same record"))
FOUND = Found(ROWS[:2], (CASE.subject,), (RECORD,))
COMPANY = Company((("顾建国", True),), 2, "claimed", "顾建国", "顾建国", at(3, 2, 10, 19))
FORESIGHT = Foresight(
    (
        PlanLine("open", Words("复审", "Second review"), Words("市信用办科长", "Chief")),
        PlanLine("arm", Words("复审时限", "limit of the review"), Words("3月4日", "4 March")),
        PlanLine("letter", Words("决定书", "Decision"), Words("出一份文书", "a letter is made")),
    ),
    (ForeseenLetter("decision", Words("决定书", "Decision")),),
)
