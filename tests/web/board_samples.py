"""The supervisor's and the administrator's samples, and the register's."""

from dataclasses import replace
from datetime import date, timedelta

from engine.domain.chart_views import Charts, CycleBand, Week, WhoseStack
from engine.domain.clock import Light, Whose
from engine.domain.errors import NotFound
from engine.domain.supervision_views import (
    AgeBand,
    Board,
    ElementHeat,
    HeatMap,
    LedgerLine,
    LightCounts,
    Load,
    MatrixCell,
    NoticeDraft,
    NoticeOutcome,
    NoticeView,
    Standing,
    SupervisionNoticeView,
    TimelineEntry,
)
from engine.domain.views import (
    DepartmentView,
    DiagramDiff,
    DiagramView,
    ElementChange,
    FileChange,
    FileView,
    ImportLine,
    ImportReport,
    IncidentDetail,
    IncidentView,
    JobView,
    MigrationCase,
    MigrationFinding,
    MigrationReport,
    MigrationView,
    Page,
    ParameterView,
    PersonView,
    Place,
    PlanLine,
    RecordEventView,
    RepairPlan,
    TaskView,
    TextChange,
    TextDiff,
    Unmatched,
    VersionDiff,
    VersionRef,
)
from engine.domain.whose_time import Part
from engine.domain.words import Words
from tests.web import desk_samples as desk
from tests.web import register_samples as registers
from tests.web import sample_office as sample

WATER = Words("市水务局", "City Water Bureau")
WINDOW = Words("信用窗口", "Credit Window")
LATE = replace(desk.TASKS[0], department="water", department_title=WATER)


def standing(task: TaskView, over: int, since: date, whose: Whose, number: str | None) -> Standing:
    return Standing(
        task.id, True, task.case_number, task.case_title, task.procedure, desk.REPAIR, "credit_repair_examination",
        task.element_id, task.title, task.department or "credit_office", task.department_title or desk.OFFICE,
        task.assignee, task.assignee_name, whose, task.created_at, task.due_at, None, "red", -over, over,
        desk.closing(since), Words("3月2日到期，承办人未办结", "due 2 March, the officer has not finished"),
        (Part(Whose.OFFICE, 4.0), Part(Whose.DEPARTMENT, 3.5)), desk.sample_id("notice") if number else None, number,
    )  # fmt: skip


BREACHES = (
    standing(LATE, 1, date(2020, 2, 28), Whose.DEPARTMENT, None),
    standing(desk.TASKS[1], 0, date(2020, 3, 2), Whose.OFFICE, "昆信督〔2020〕3 号"),
)
NOTICE = SupervisionNoticeView(
    desk.sample_id("notice"), "昆信督〔2020〕3 号", desk.NUMBER, "昆山启衡五金制品有限公司", desk.OFFICE, "周敏",
    Words("初审", "First review"), "breach", Words("超期督办", "on a breach"),
    Words("初审超期 1 个工作日"), 1, desk.at(3, 2, 9, 5), desk.closing(date(2020, 3, 4)), "open", "",
)  # fmt: skip
LINE = LedgerLine(
    desk.at(2, 27, 9), Words("“初审”自 2020-02-27 起，已超 1 个工作日", "First review: 1 working day over"), "本地参数"
)  # fmt: skip
WHOLE = NoticeView(
    NOTICE, (LINE,),
    (TimelineEntry(desk.at(3, 2, 9, 5), Words("签发督办单：市信用办", "notice issued"), "初审超期", "陆晓岚", desk.OFFICE, 9),),
    "陆晓岚", "停电一天。", desk.at(3, 2, 10), None, None, "", None, desk.sample_id("letter"), LATE.id, "decide_contest", False,
)  # fmt: skip
DRAFTS = (
    NoticeDraft(BREACHES[0], "water", WATER, Words("初审已超期 1 个工作日，请说明原因并尽快办理。"), desk.closing(date(2020, 3, 4)), (LINE,), None),
    NoticeDraft(BREACHES[1], "credit_office", desk.OFFICE, Words("复审已到时限"), desk.closing(date(2020, 3, 4)), (),
                Words("这项任务已签发督办单。", "there is one already")),
)  # fmt: skip


def cell(department: str, title: Words, counts: LightCounts) -> MatrixCell:
    return MatrixCell(department, title, "credit_repair", desk.REPAIR, counts)


BOARD = Board(
    as_of=desk.NOW,
    by="department",
    lights=LightCounts(11, 4, 2, 1, 1),
    matrix=(
        cell("service_window", WINDOW, LightCounts(6, 1)),
        cell("credit_office", desk.OFFICE, LightCounts(4, 3, 1, 1, 1)),
        cell("water", WATER, LightCounts(1, 0, 1)),
    ),
    breaches=BREACHES,
    due_today=(replace(BREACHES[1], light="yellow"),),
    due_today_count=1,
    workload=(
        Load("zhoumin", "周敏", "credit_office", desk.OFFICE, LightCounts(green=8, red=1), 2),
        Load("gujianguo", "顾建国", "credit_office", desk.OFFICE, LightCounts(green=4), 1),
        Load(None, "", "service_window", WINDOW, LightCounts(green=5), 0),
    ),
    ageing=tuple(
        AgeBand(key, Words(title, title.replace("日", "days")), LightCounts(green=n))
        for key, title, n in (("0-3", "0–3 日", 10), ("4-7", "4–7 日", 8), ("21-", "21 日以上", 1))
    ),
    silent=(),
    silent_count=0,
    stuck=(),
    notices=(NOTICE,),
    open_cases=32,
    closed_this_month=9,
)
EXAMINATION = desk.DIAGRAMS[0].xml


def heat(
    element: str, title: str, open_: int, median: float, limit: int, light: Light
) -> ElementHeat:
    breaches = int(light is Light.RED)
    return ElementHeat(
        "credit_repair_examination",
        element,
        Words(title),
        12,
        open_,
        median,
        median + 1,
        median / 2,
        median,
        limit,
        median / limit,
        breaches,
        light,
    )


HEAT = HeatMap(
    "credit_repair", desk.REPAIR, date(2020, 2, 1), date(2020, 3, 2), None, 0.6, 1.0,
    {"credit_repair_examination": EXAMINATION, "credit_repair": desk.DIAGRAMS[1].xml},
    {"credit_repair_examination": Words("审查", "Examination"), "credit_repair": desk.REPAIR},
    (heat("give_opinion", "出具修复意见", 6, 3.4, 3, Light.RED), heat("first_review", "初审", 8, 2.6, 3, Light.YELLOW),
     heat("second_review", "复审", 3, 1.1, 2, Light.GREEN)),
)  # fmt: skip
EVENTS = (
    RecordEventView(
        desk.at(2, 21, 16, 40), Words("受理信用修复", "repair accepted"), "flags", Words(""), Words("修复中", "under repair"), desk.NUMBER,
        "accept", "王芳", "受理通知书 昆信用修〔2020〕受 11 号",
    ),
)  # fmt: skip
REPORT = ImportReport(
    desk.sample_id("report"), "penalty", Words("行政处罚", "administrative penalty"), "2020年2月双公示.xlsx", desk.at(3, 2, 9, 30), "何伟", 2, 1, 2,
    (
        ImportLine(2, "taken", "昆市监处罚〔2019〕417 号", "昆山澄远包装材料有限公司", desk.RECORD.id),
        ImportLine(3, "known", "昆水罚〔2019〕31 号", "昆山启衡五金制品有限公司", desk.RECORD.id),
        ImportLine(4, "refused", "", "昆山某某公司", None, (
            ("行政相对人代码_1（统一社会信用代码）", Words("校验位不对，第 18 位应为 U", "check digit wrong")),
            ("处罚决定日期", Words("“2019/13/08”不是日期", "not a date")))),
        ImportLine(5, "taken", "昆环罚〔2019〕76 号", "昆山千岫新材料有限公司", desk.RECORD.id, (),
                   (Words("未填公示截止期，按严重失信最长 3 年计", "no end given"),)),
        ImportLine(6, "refused", "昆环罚〔2019〕77 号", "", None, (("行政相对人名称", Words("不能为空", "missing")),)),
    ),
)  # fmt: skip
DEPARTMENTS = (
    DepartmentView("credit_office", desk.OFFICE, "office", ("credit_clerk",), "0512-5700 0001", "前进中路示例大厦 6 楼"),
    DepartmentView("water", WATER, "authority", ("authority",), "0512-5700 0010"),
)  # fmt: skip
PEOPLE = (
    sample.COLLEAGUE,
    PersonView("zhoumin", "周敏", "credit_office", desk.OFFICE, ("credit_clerk",), (Words("经办", "Clerk"),), None, True),
    PersonView("chengyuan", "沈婷", None, None, ("applicant",), (), "91320583MA1X00017U", True),
)  # fmt: skip
JOBS = (
    JobView(desk.sample_id("j1"), "print_letter", desk.NUMBER, "done", desk.at(2, 21, 16, 41), 5, ""),
    JobView(desk.sample_id("j2"), "push_to_platform", desk.NUMBER, "failed", desk.at(3, 2, 8), 0, "exchange folder is read-only"),
)  # fmt: skip
PARAMETERS = tuple(
    ParameterView(
        scope="",
        scope_title=Words("全办", "the whole office"),
        key=key,
        title=Words(title),
        unit="",
        usual=usual,
        value=value,
        basis="本地参数",
        set_by=None,
        set_at=None,
    )
    for key, title, usual, value in (
        ("lights.yellow_days", "黄灯：剩余工作日不多于", "1", None),
        ("heat.over", "热力图变红：中位用时超过环节期限的百分之", "100", "120"),
    )
)
INCIDENTS = (
    IncidentView(
        desk.sample_id("i1"), "GZ2020-0001", "job", desk.NUMBER, None, None, Words("推送信用平台", "telling the credit platform"),
        Words("后台任务试了 6 次都没有办成：exchange folder is read-only", "the job failed 6 times: exchange folder is read-only"),
        Words("后台任务：推送信用平台", "a job: telling the credit platform"), {}, 1, desk.at(3, 2, 8, 1), desk.at(3, 2, 8, 1),
        None, None, None, (), JOBS[1].id, None,
    ),
)  # fmt: skip

LINES = (
    PlanLine("close", Words("初审", "first review"), Words("科长", "chief")),
    PlanLine("open", Words("复审", "second review"), Words("经办", "clerk")),
)
PLANNED, APPLIED = RepairPlan(False, LINES), RepairPlan(True, LINES)
WAIT = desk.sample_id("wait")
HERE = Place(
    "credit_repair",
    "first_review",
    Words("初审", "First review"),
    Words("信用修复", "Credit repair"),
    "userTask",
    WAIT,
)
STUCK = IncidentDetail(
    incident=replace(
        INCIDENTS[0],
        id=desk.sample_id("i2"),
        number="GZ2020-0002",
        kind="step",
        process_id="credit_repair",
        element_id="first_review",
        title=Words("初审", "First review"),
        act={"contact": "陈一苇"},
        cause=Words(
            "没有一条去路的条件成立，也没有画默认去路。",
            "no flow out of it has a condition that holds",
        ),
        job_id=None,
    ),
    diagrams=desk.DIAGRAMS,
    form=sample.APPLICATION,
    answers={"contact": "陈一苇"},
    variables={"grade": "general"},
    waits=(HERE,),
    targets={
        str(WAIT): (replace(HERE, element_id="close", title=Words("办结", "Close"), wait_id=None),)
    },
    proposal=None,
    needs_second=False,
    actions=frozenset({"retry", "answer", "move"}),
)
OLD = VersionRef(desk.sample_id("d2"), "credit_repair", desk.REPAIR, "2020", 2)
NEW = replace(OLD, id=desk.sample_id("definition"), version=3)
DIFF = VersionDiff(
    origin=OLD,
    target=NEW,
    files=(FileChange("credit_repair/process.bpmn", "changed"),),
    diagrams=(
        DiagramDiff(
            "credit_repair",
            desk.REPAIR,
            desk.DIAGRAMS[0].xml,
            desk.DIAGRAMS[0].xml,
            {"a": "removed"},
            {"b": "added"},
            (
                ElementChange(
                    "changed",
                    "first_review",
                    Words("初审", "First review"),
                    (Words("时限：a → b", "limit: a → b"),),
                ),
            ),
        ),
    ),
    limits=(
        TextChange("changed", Words(""), Words("意见时限", "opinion"), "3 个工作日", "4 个工作日"),
    ),
    forms=(),
    decisions=(),
    others=(TextDiff("credit_repair/procedure.toml", ("-amount = 3", "+amount = 4")),),
)
LOST = MigrationFinding(
    "loses",
    "credit_repair",
    "over",
    Words("期限届满", "over"),
    Words("新版本没有这个计时。", "the timer is gone"),
)
REPORT_OF_MIGRATION = MigrationReport(
    origin=OLD,
    target=NEW,
    mapping={},
    counts={"fits": 1, "loses": 1, "needs_mapping": 1, "breaks": 0},
    cases=(MigrationCase(desk.NUMBER, Words("初审", "First review"), "loses", "planned", (LOST,)),),
    unmatched=(
        Unmatched(HERE, 1, (replace(HERE, element_id="check", title=Words("核对", "Check")),)),
    ),
)
MIGRATION = MigrationView(
    desk.sample_id("migration"),
    OLD,
    NEW,
    {},
    False,
    "改图",
    "running",
    "qinli",
    desk.at(3, 2, 9),
    None,
    {"migrated": 1, "waiting": 2},
    (
        MigrationCase(
            desk.NUMBER, Words("初审", "First review"), "fits", "migrated", (), desk.at(3, 2, 9)
        ),
    ),
)


def _record(office: object, actor: object, record_id: object, **_: object) -> object:
    if record_id != desk.RECORD.id:
        raise NotFound("没有这条记录。", "there is no such record")
    return desk.RECORD, EVENTS


CHARTS = Charts(
    date(2020, 2, 17), date(2020, 3, 1), None, 13, 6.1, 11.8,
    (CycleBand(0, 4, 4), CycleBand(4, None, 9)),
    (Week(date(2020, 2, 17), 8, 4, 5.5, 9.1), Week(date(2020, 2, 24), 6, 9, 6.4, 11.9)),
    (WhoseStack("credit_repair", Words("信用修复", "Credit repair"), 13, (Part(Whose.OFFICE, 3.9), Part(Whose.DEPARTMENT, 2.2)), 6.1),),
    BOARD.ageing,
)  # fmt: skip


ANSWERS = {
    "charts.charts": CHARTS,
    "workload.everybody": BOARD.workload,
    "workload.in_hand": lambda office, actor, names: dict.fromkeys(names, 4),
    "record_file.get": registers.FILE,
    "report_lists.listed": Page((registers.REPORT,)),
    "report_lists.counts": registers.REPORT_COUNTS,
    "report_lists.late_by_unit": (registers.UNIT,),
    "report_sheet.late_sheet": b"PK",
    "reporting.put_right": None,
    "site_lists.listed": Page((registers.ROW,)),
    "site_lists.counts": registers.SITE_COUNTS,
    "site_work.get": registers.WHOLE,
    "site_work.claim": None,
    "site_work.log": None,
    "still_shown.answer": None,
    "records.find": Page((desk.RECORD,), None, 1),
    "records.get": _record,
    "records.cases_open_to": lambda office, actor, numbers: frozenset(numbers),
    "records.imports": (replace(REPORT, lines=()),),
    "records.import_file": REPORT,
    "records.import_report": REPORT,
    "records.enter": desk.RECORD.id,
    "records.report": None,
    "supervision.board": BOARD,
    "supervision.breaches": Page(BREACHES, None, 2),
    "supervision.places": Page(BREACHES, None, 2),
    "supervision.silent": desk.ROWS[:1],
    "supervision.heatmap": HEAT,
    "supervision.issue_notice": NOTICE,
    "supervision.notices": Page((NOTICE,), None, 1),
    "supervision.notice": WHOLE,
    "supervision.draft_notices": DRAFTS[:1],
    "supervision.issue_several": (NoticeOutcome(LATE.id, NOTICE, None),),
    "people.departments": DEPARTMENTS,
    "people.people": PEOPLE,
    "procedures.definitions": (sample.REPAIR, replace(sample.REPAIR, version=2, is_open=False, live_cases=3, definition_id=desk.sample_id("d2"))),
    "procedures.definition_diagrams": tuple(
        DiagramView(one.process_id, one.title, one.xml, {}, (), one.is_current) for one in desk.DIAGRAMS
    ),
    "calendars.years": lambda office: tuple(sorted(desk.CALENDAR.years)),
    "calendars.year": lambda office, number: tuple(
        desk.CALENDAR.day(date(number, 1, 1) + timedelta(days=n)) for n in range((date(number + 1, 1, 1) - date(number, 1, 1)).days)
    ),
    "notices.unread": 2,
    "calendars.due": lambda office, start, days: desk.CALENDAR.after(start, days),
    "jobs.jobs": JOBS,
    "parameters.listed": PARAMETERS,
    "incidents.incidents": INCIDENTS,
    "incidents.retry": APPLIED,
    "incidents.answer": PLANNED,
    "incidents.move": PLANNED,
    "incidents.confirm": APPLIED,
    "incidents.require_second": None,
    "incidents.get": STUCK,
    "procedures.definition": sample.REPAIR,
    "procedures.files": (FileView("credit_repair/process.bpmn", 23_410, "a" * 64),),
    "procedures.file": b"<script>alert(1)</script>",
    "procedures.diff": DIFF,
    "migrations.preview": REPORT_OF_MIGRATION,
    "migrations.start": desk.sample_id("migration"),
    "migrations.get": MIGRATION,
    "migrations.undo": {desk.NUMBER: "undone"},
    "incidents.second_is_required": False,
}  # fmt: skip
