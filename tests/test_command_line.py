"""The command `kunxin`, run as an administrator would."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from engine.bootstrap import open_office
from engine.command_line import main
from engine.persistence.unit_of_work import connect
from engine.services.office import Office
from engine.settings import ROOT, SettingMissing, read_settings


@pytest.fixture
def kunxin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Kunxin":
    monkeypatch.setenv("KUNXIN_DATA_DIR", str(tmp_path / "data"))
    for name in ("KUNXIN_DATABASE_URL", "KUNXIN_BROKER_URL", "KUNXIN_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    return Kunxin()


class Kunxin:
    def __call__(self, *words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, words, input=typed)


def test_the_shipped_procedure_passes_the_gate(kunxin: Kunxin) -> None:
    result = kunxin("check", str(ROOT / "workflows/credit_repair"))
    assert result.exit_code == 0, result.output
    assert "0 拒绝" in result.output


def test_a_diagram_with_an_unknown_operation_is_refused_by_element(
    kunxin: Kunxin, tmp_path: Path
) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    drawn = workflows / "credit_repair/process.bpmn"
    text = drawn.read_text("utf-8")
    drawn.write_text(
        text.replace('serviceTaskOperator id="mark_record"', 'serviceTaskOperator id="launch"', 1)
    )
    result = kunxin("check", str(workflows / "credit_repair"))
    assert result.exit_code == 1
    assert "credit_repair/process.bpmn#mark" in result.output
    assert "没有操作 launch" in result.output


def test_a_report_for_programs_is_json_and_says_how_far_every_process_was_walked(
    kunxin: Kunxin,
) -> None:
    result = kunxin("check", "--json", str(ROOT / "workflows/objection"))
    report = json.loads(result.output)
    assert (result.exit_code, report["accepted"], report["findings"]) == (0, True, [])
    walked = {each["process_id"]: each for each in report["walks"]}
    assert {"objection", "supervision", "extension"} <= walked.keys()
    assert all(each["is_complete"] and each["reached"] == each["drawn"] for each in walked.values())


def test_a_refused_folder_is_not_deployed_and_every_fault_is_printed(
    kunxin: Kunxin, tmp_path: Path
) -> None:
    workflows = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", workflows)
    drawn = workflows / "objection/process.bpmn"
    drawn.write_text(
        drawn.read_text("utf-8").replace('isExecutable="true"', 'isExecutable="false"')
    )
    result = kunxin("deploy", str(workflows / "objection"))
    assert result.exit_code == 1
    assert "objection/process.bpmn#objection" in result.output
    assert "not-executable" in result.output


def test_an_unchanged_folder_deploys_nothing_the_second_time(kunxin: Kunxin) -> None:
    folder = str(ROOT / "workflows/credit_repair")
    assert "新版本" in kunxin("deploy", folder).output
    assert "无变化" in kunxin("deploy", folder).output


def test_a_last_day_is_reckoned_over_the_prolonged_spring_festival(kunxin: Kunxin) -> None:
    assert kunxin("calendar", "due", "2020-01-22", "3").output.strip() == "2020-02-04"


def test_a_sound_installation_has_no_flaws(kunxin: Kunxin) -> None:
    kunxin("deploy", str(ROOT / "workflows/credit_repair"))
    assert kunxin("doctor").exit_code == 0
    assert kunxin("audit", "verify").exit_code == 0


def test_an_added_account_can_import_records(kunxin: Kunxin) -> None:
    kunxin("calendar", "due", "2020-01-22", "3")
    kunxin("deploy", str(ROOT / "workflows/credit_repair"))
    added = kunxin(
        "user",
        "add",
        "lin",
        "--name",
        "林",
        "--group",
        "credit_officer",
        typed="a-secret-x\na-secret-x\n",
    )
    assert added.exit_code == 0, added.output
    file = str(ROOT / "tests/data/penalties_utf8.csv")
    first = kunxin("import-records", file, "--as", "lin")
    assert first.exit_code == 0, first.output
    assert "收入 10，已有 0，拒收 2" in first.output
    again = kunxin("import-records", file, "--as", "lin")
    assert "收入 0，已有 10，拒收 2" in again.output


def test_a_demo_is_refused_outside_a_training_installation(kunxin: Kunxin) -> None:
    assert kunxin("demo").exit_code == 1


def test_a_database_that_cannot_be_reached_is_said_in_words_and_without_its_password(
    kunxin: Kunxin, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "postgresql+psycopg://kunxin:secret@127.0.0.1:1/kunxin"
    monkeypatch.setenv("KUNXIN_DATABASE_URL", address)
    result = kunxin("upgrade")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "the database does not answer now" in result.output
    assert "127.0.0.1" in result.output
    assert "secret" not in result.output


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("words", [["doctor"], ["audit", "verify"], ["retention"]], ids=" ".join)
def test_a_command_leaves_the_schema_of_a_server_to_the_upgrade(
    kunxin: Kunxin, monkeypatch: pytest.MonkeyPatch, database_url: str, words: list[str]
) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0038_second_factors'")
    monkeypatch.setenv("KUNXIN_DATABASE_URL", database_url)
    result = kunxin(*words)
    assert result.exit_code == 1
    assert "run `kunxin upgrade` first" in result.output
    with engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    engine.dispose()
    assert held == "0038_second_factors"


@pytest.mark.parametrize("name", ["PORT", "KUNXIN_TRUSTED_PROXIES"])
@pytest.mark.parametrize("given", ["-1", "two", "1.5"])
def test_a_setting_that_is_no_number_is_refused_by_name(
    kunxin: Kunxin, monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    monkeypatch.setenv(name, given)
    result = kunxin("doctor")
    assert (result.exit_code, "Traceback" in result.output) == (1, False)
    assert f"{name} is a number, not '{given}'" in result.output


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("KUNXIN_OBJECT_STORE_URL", "https://store", "it is https://host/bucket"),
        ("KUNXIN_VIRUS_SCANNER", "clamd", "tcp://host:port"),
        ("KUNXIN_OUTGOING_ALLOW", "10.0.0.0/99", "neither a host nor a network"),
        ("KUNXIN_SIGNATURE_KEYS", "/nowhere.p12", "no key for signatures"),
        ("KUNXIN_DATABASE_URL", "nothing", "no address of a database"),
        ("KUNXIN_DATABASE_URL", "postgresql://kunxin@/kunxin", "postgresql+psycopg://"),
    ],
)
def test_a_setting_that_cannot_be_followed_is_refused_by_name(
    tmp_path: Path, name: str, given: str, told: str
) -> None:
    with pytest.raises(SettingMissing, match=f"{name}.*{re.escape(told)}"):
        opened_with(tmp_path, name, given)


def opened_with(folder: Path, name: str, given: str) -> Office:
    environment = {"KUNXIN_DATA_DIR": str(folder), "KUNXIN_SECRET_KEY": "for tests", name: given}
    return open_office(read_settings(environment))


@pytest.mark.parametrize(
    ("name", "given", "library", "extra"),
    [
        ("KUNXIN_OBJECT_STORE_URL", "https://store/bucket", "boto3.session", "objects"),
        (
            "KUNXIN_TRACE_COLLECTOR",
            "http://127.0.0.1:1",
            "opentelemetry.exporter.otlp.proto.http.trace_exporter",
            "telemetry",
        ),
    ],
)
def test_what_a_setting_needs_and_is_not_installed_is_named_with_its_lock(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    given: str,
    library: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SettingMissing, match=f"{name}.*deploy/requirements-{extra}.txt"):
        opened_with(tmp_path, name, given)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_database_of_a_newer_release_and_a_migration_that_fails_are_told_in_words(
    kunxin: Kunxin, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setenv("KUNXIN_DATABASE_URL", database_url)
    engine = connect(database_url)

    def at(version: str) -> None:
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})

    at("9999_of_a_later_release")
    newer = kunxin("upgrade")
    at("0038_second_factors")  # whose tables are there already
    failed = kunxin("upgrade")
    with engine.connect() as connection:
        held = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    engine.dispose()
    assert "the database is of a newer release" in newer.output
    assert "the upgrade failed; the database is as before" in failed.output
    for result in (newer, failed):
        assert (result.exit_code, "Traceback" in result.output) == (1, False)
    assert held == "0038_second_factors"


def test_the_event_log_is_written_in_the_form_that_its_name_says(
    kunxin: Kunxin, tmp_path: Path
) -> None:
    kunxin("deploy", str(ROOT / "workflows/credit_repair"))
    xes, ocel = tmp_path / "log.xes", tmp_path / "log.jsonocel"
    assert kunxin("export", str(xes)).exit_code == 0
    assert xes.read_text("utf-8").endswith("</log>\n")
    assert kunxin("export", str(ocel), "--since", "2020-02-01").exit_code == 0
    assert json.loads(ocel.read_bytes())["events"] == []
    unknown = kunxin("export", str(tmp_path / "x.xes"), "--procedure", "launch")
    assert unknown.exit_code == 1
    assert "没有流程 launch" in unknown.output
    assert not (tmp_path / "x.xes").exists()
