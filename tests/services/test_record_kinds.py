"""Records of every kind: how each comes in, what each says, who may act on it."""

import json
from datetime import date
from uuid import UUID

import pytest

from engine.domain.errors import Conflict, Invalid, NotEligible, NotFound, NotPermitted
from engine.domain.views import RecordView
from engine.persistence import models
from engine.services import applications, jobs, records
from tests.offices import COURT_DEFAULT, DEFAULT, FIRM, Practice, as_csv

COURT, EVENT = "court_default", "default_event"


def record(practice: Practice, record_id: UUID) -> RecordView:
    return records.get(practice.office, practice["lin"], record_id, now=practice.now)[0]


def test_a_listing_is_shown_and_reported_without_a_grade(practice: Practice) -> None:
    view = record(practice, practice.import_court_default())
    assert (view.kind, view.publication, view.reporting) == (COURT, "shown", "reported")
    assert view.grade is None
    assert view.earliest_on is None
    assert view.kinds == ("违反财产报告制度",)


@pytest.mark.parametrize(
    ("grounds", "until", "ends_on", "rule"),
    [
        ("违反财产报告制度", "", date(2021, 6, 12), "L-02"),
        ("有履行能力而拒不履行生效法律文书确定义务", "", None, "L-01"),
        ("违反限制消费令;有履行能力而拒不履行生效法律文书确定义务", "", None, "L-01"),
        ("违反财产报告制度;违反限制消费令", "2023-06-12", date(2023, 6, 12), "L-02"),
    ],
)
def test_the_term_of_a_listing_follows_its_grounds(
    practice: Practice, grounds: str, until: str, ends_on: date | None, rule: str
) -> None:
    # 法释〔2017〕7号 art. 2: two years for (2) to (6), none for (1); the court's own day wins.
    view = record(practice, practice.import_court_default(SX_QX=grounds, SX_JZRQ=until))
    assert view.ends_on == ends_on
    assert view.grade_rule == rule


def test_a_listing_without_a_term_is_shown_to_everybody(practice: Practice) -> None:
    practice.import_court_default(SX_QX="有履行能力而拒不履行生效法律文书确定义务")
    (shown,) = records.published(practice.office, q="", now=practice.now).items
    assert (shown.kind, shown.ends_on) == (COURT, None)


def test_the_same_list_twice_adds_nothing(practice: Practice) -> None:
    content = as_csv({**COURT_DEFAULT, "SX_AH": "（2019）苏0583执9号"})
    for outcome in ("taken", "known"):
        (line,) = records.import_file(
            practice.office, practice["lin"], "list.csv", content, kind=COURT, now=practice.now
        ).lines
        assert line.outcome == outcome
    told = records.imports(practice.office, practice["lin"])
    assert sorted((each.kind, each.taken, each.known) for each in told) == [
        (COURT, 0, 1),
        (COURT, 1, 0),
    ]


def test_a_line_that_is_wrong_is_refused_with_its_field(practice: Practice) -> None:
    good = {**COURT_DEFAULT, "SX_AH": "（2019）苏0583执1号"}
    content = as_csv(good, {**good, "SX_AH": "（2019）苏0583执2号", "SX_FBSJ": "下周"})
    taken, refused = records.import_file(
        practice.office, practice["lin"], "list.csv", content, kind=COURT, now=practice.now
    ).lines
    assert (taken.outcome, refused.outcome) == ("taken", "refused")
    assert refused.number == "（2019）苏0583执2号"
    assert refused.problems[0][0] == "发布时间"


def test_a_file_of_another_kind_is_not_taken(practice: Practice) -> None:
    content = as_csv({**COURT_DEFAULT, "SX_AH": "（2019）苏0583执1号"})
    with pytest.raises(Invalid):
        records.import_file(practice.office, practice["lin"], "list.csv", content, now=practice.now)


def test_there_are_no_other_kinds(practice: Practice) -> None:
    with pytest.raises(Invalid, match="没有记录类别"):
        records.import_file(
            practice.office, practice["lin"], "a.csv", b"", kind="x", now=practice.now
        )


def test_a_default_waits_on_its_departments_list(practice: Practice) -> None:
    record_id = practice.enter_default()
    jobs.run_due(practice.office)
    view, (first,) = records.get(practice.office, practice["wu"], record_id, now=practice.now)
    assert (view.kind, view.publication, view.reporting) == (EVENT, "not_shown", "pending")
    assert (view.authority, view.authority_key) == ("市市场监管局", "market_regulation")
    assert view.ends_on is None
    assert view.fine == "38.5"
    assert ("整改或履行期限", "2020-03-31") in [(title.zh, text) for title, text in view.details]
    assert first.after.zh == "列入待上报失信信息清单"
    assert records.published(practice.office, q="", now=practice.now).items == ()


def test_a_default_is_entered_once(practice: Practice) -> None:
    practice.enter_default(DS_BH="昆市监违约〔2020〕1号")
    with pytest.raises(Conflict, match="已经登记"):
        practice.enter_default(DS_BH="昆市监违约[2020] 1号")


def test_what_is_missing_is_named(practice: Practice) -> None:
    with pytest.raises(Invalid) as refused:
        practice.enter_default(DS_LX="", DS_FXRQ="2020-03-09")
    assert set(refused.value.fields) == {"DS_LX", "DS_FXRQ"}


def test_a_department_brings_its_own_list_and_no_other(practice: Practice) -> None:
    own = {**DEFAULT, "DS_BH": "昆市监违约〔2020〕1号"}
    others = {**own, "DS_BH": "昆应急违约〔2020〕1号", "DS_DWDM": "11320583MB1X00096B"}
    content = as_csv({**own, "DS_DWDM": ""}, others)
    taken, refused = records.import_file(
        practice.office, practice["wu"], "pending.csv", content, kind=EVENT, now=practice.now
    ).lines
    assert (taken.outcome, refused.outcome) == ("taken", "refused")
    assert refused.problems[0][1].zh == "只能报本单位认定的信息"
    assert len(records.imports(practice.office, practice["wu"])) == 1
    assert records.imports(practice.office, practice["zheng"]) == ()
    with pytest.raises(NotPermitted):
        records.import_file(
            practice.office, practice["wu"], "a.csv", b"", kind=COURT, now=practice.now
        )
    with pytest.raises(NotPermitted):
        records.enter(practice.office, practice["wang"], DEFAULT, now=practice.now)


def test_its_department_reports_a_default_and_it_is_shown_for_a_year(practice: Practice) -> None:
    record_id = practice.enter_default()
    with pytest.raises(NotPermitted):
        records.report(practice.office, practice["zheng"], record_id, now=practice.now)
    records.report(practice.office, practice["wu"], record_id, now=practice.now)
    jobs.run_due(practice.office)
    view = record(practice, record_id)
    assert (view.publication, view.reporting) == ("shown", "reported")
    assert view.ends_on == date(2021, 3, 2)
    with pytest.raises(Conflict, match="已上报"):
        records.report(practice.office, practice["wu"], record_id, now=practice.now)


def test_a_default_in_a_case_is_not_reported_meanwhile(practice: Practice) -> None:
    record_id = practice.enter_default()
    with practice.office.uow.begin() as session:
        session.get_one(models.Record, record_id).holds = {"deferral": "KSXY-ZH-20200302-000001"}
    with pytest.raises(Conflict, match="KSXY-ZH-20200302-000001"):
        records.report(practice.office, practice["wu"], record_id, now=practice.now)
    assert record(practice, record_id).open_case == "KSXY-ZH-20200302-000001"


def test_a_penalty_is_not_on_the_pending_list(practice: Practice) -> None:
    with pytest.raises(NotFound):
        records.report(practice.office, practice["wu"], practice.import_penalty(), now=practice.now)


@pytest.mark.parametrize("procedure", ["credit_repair", "objection"])
def test_a_procedure_acts_on_its_own_kinds_only(practice: Practice, procedure: str) -> None:
    listed, pending = practice.import_court_default(), practice.enter_default()
    told = records.eligibility(
        practice.office, practice.firm, FIRM, now=practice.now, procedure=procedure
    )
    outcomes = {each.kind: each.eligibility.outcome for each in told if each.eligibility}
    assert outcomes == {COURT: "other_kind", EVENT: "other_kind"}
    for record_id in (listed, pending):
        with pytest.raises(NotEligible):
            applications.start(
                practice.office, practice.firm, procedure, [record_id], now=practice.now
            )


def test_nothing_is_filed_on_a_record_of_another_kind(practice: Practice) -> None:
    for record_id in (practice.import_court_default(), practice.enter_default()):
        with pytest.raises(NotEligible, match="不通过"):
            practice.file_case(record_id)


def test_records_are_found_by_kind(practice: Practice) -> None:
    practice.import_penalty()
    listed = practice.import_court_default()
    found = records.find(practice.office, practice["wang"], now=practice.now, kind=COURT).items
    assert [each.id for each in found] == [listed]


def test_what_goes_up_says_its_kind(practice: Practice) -> None:
    practice.import_court_default()
    files = sorted((practice.folder / "exchange/out").glob("*.json"))
    told = [json.loads(each.read_text("utf-8")) for each in files]
    assert [each["kind"] for notice in told for each in notice["records"]] == [COURT]
