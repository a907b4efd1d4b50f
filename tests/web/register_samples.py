"""One report and one removal as their pages show them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from engine.domain.calendar import Calendar
from engine.domain.clock import Budget, ClockEntry, EntryKind, Unit, narrate, read
from engine.domain.views import (
    ActView,
    CaseOfRecord,
    ClockView,
    ContestView,
    LateUnit,
    ObligationCounts,
    ObligationRow,
    ObligationView,
    RecordFile,
    ReportCounts,
    ReportRow,
)
from engine.domain.words import Words
from tests.web import desk_samples as desk

AT = datetime(2020, 2, 28, 6, 30, tzinfo=UTC)
SITE, WORD = (uuid5(UUID(int=7), name) for name in ("site", "word"))


def clock(key: str, zh: str) -> ClockView:
    budget = Budget(7, Unit.WORKING_DAYS)
    start = ClockEntry(
        EntryKind.START, AT, AT, basis="发改办财金〔2018〕424号", reason="作出处罚决定"
    )
    reading = read(budget, [start], Calendar(()), now=AT + timedelta(days=2))
    told = Words(narrate(reading), narrate(reading, language="en"))
    return ClockView(key, Words(zh, "Limit"), budget, start.basis, reading, told, ())


REPORT = ReportRow(
    record_id=desk.RECORD.id,
    number=desk.RECORD.number,
    subject_name=desk.RECORD.subject_name,
    unit="market_regulation",
    unit_name="昆山市市场监督管理局",
    decided_on=date(2020, 2, 12),
    collected_at=AT,
    state="refused",
    state_title=Words("被退回，待改正", "refused, to be put right"),
    sent_at=AT,
    answered_at=AT,
    cause="决定书文号格式不符",
    tries=1,
    due_at=AT + timedelta(days=1),
    light="red",
    days_left=-1,
    late_by=1,
    whose="office",
    hold=None,
)
ROW = ObligationRow(
    id=SITE,
    record_id=desk.RECORD.id,
    number=desk.RECORD.number,
    subject_name=desk.RECORD.subject_name,
    site="credit_china",
    site_title=Words("信用中国", "Credit China"),
    way="platform",
    way_title=Words("经上级平台交换", "through the upper platform"),
    duty="remove",
    duty_title=Words("撤下", "take down"),
    event="repair_granted",
    event_title=Words("准予信用修复，撤下公示", "repair granted, taken down"),
    state="checked",
    state_title=Words("待第二人核实", "to be checked by a second person"),
    case_number="KSXY-XF-20200217-000002",
    opened_at=AT,
    due_at=AT + timedelta(days=3),
    stopped=False,
    light="green",
    days_left=2,
    claimed_by="lin",
    claimed_name="林晓",
    seen_at=AT,
    recheck_at=None,
    contests=1,
)
CONTEST = ContestView(
    id=WORD,
    said_at=AT,
    said_by="陈一苇",
    link="https://example.org/record",
    note="还能搜到",
    proof_name="截图.png",
    state="open",
    due_at=AT,
    clock=clock("still_shown", "答复时限"),
    finding="",
    finding_title=Words(""),
    answer="",
    answered_by="",
    answered_at=None,
)
SEEN = ActView(
    sequence=2,
    at=AT,
    act="seen_done",
    title=Words("查看，站点已办", "looked: done"),
    after=Words("待第二人核实", "to be checked by a second person"),
    actor_name="林晓",
    channel="web",
    channel_title=Words("打开网页", "web page"),
    note="已无此条",
    link="",
    proof_name="截图.png",
)
WHOLE = ObligationView(
    row=ROW,
    basis="发改办财金〔2019〕527号",
    document="昆信用修〔2020〕决1号",
    needs_second=True,
    address="",
    clock=clock("remove", "撤下时限"),
    acts=(SEEN,),
    contests=(CONTEST,),
    actions=frozenset({"claim", "confirmed", "returned"}),
    version=3,
)
FILE = RecordFile(
    cases=(
        CaseOfRecord(
            "KSXY-XF-20200217-000002",
            Words("信用修复", "Credit repair"),
            "closed",
            Words("准予修复", "granted"),
            AT,
            may_open=True,
        ),
    ),
    obligations=(ROW,),
    report=REPORT,
    reporting_clock=clock("reporting", "上报期限"),
)
UNIT = LateUnit("market_regulation", Words("市场监督管理局", "Market regulator"), 4, 1, 1, 1, 1, 1)
REPORT_COUNTS = ReportCounts(waiting=1, sent=2, refused=3, accepted=4, over=5)
SITE_COUNTS = ObligationCounts(to_do=1, to_confirm=2, contested=3, to_recheck=4, over=5, done=6)
