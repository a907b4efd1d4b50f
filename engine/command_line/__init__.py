"""The command `kunxin`: serve, worker, beat, demo, check, deploy, and what an office needs at hand."""

import logging
import signal
from contextlib import suppress
from pathlib import Path
from types import FrameType
from uuid import UUID

import click
import orjson
from celery import Celery
from waitress.server import create_server

from engine import bootstrap, logs
from engine.command_line.audit import audit_group, report
from engine.command_line.breached import check_breached
from engine.command_line.calendar import calendar
from engine.command_line.early_refusal import Channel
from engine.command_line.event_log import export
from engine.command_line.files import copy_files
from engine.command_line.opening import opened, prepared
from engine.command_line.refusals import WIDE, Commands
from engine.command_line.retention import retention
from engine.command_line.upgrading import upgrade
from engine.demo import accounts, fill, later
from engine.domain.actor import SYSTEM
from engine.domain.calendar_views import ChangePreview as ChangePreview
from engine.domain.errors import Unavailable
from engine.domain.gate_report import GateRefused, Report
from engine.domain.record_kind import RecordKind
from engine.services import (
    audit,
    breached,
    deployments,
    people,
    records,
)
from engine.services import (
    calendar_changes as calendar_changes,
)
from engine.services import (
    calendar_drafts as calendar_drafts,
)
from engine.services import (
    calendars as calendars,
)
from engine.services.calendar_drafts import Request as Request
from engine.services.office import Office
from engine.settings import Settings, read_settings
from engine.worker import celery_app, figures
from engine.worker.embedded import EmbeddedWorker
from web.app import MOST_BYTES, create_app


@click.group(cls=Commands, context_settings=WIDE)
def main() -> None:
    """昆信：城市信用办的办件系统。Kunxin: case management of a city's credit office."""
    logs.configure(logging.WARNING)  # done for a person, who reads what it prints


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="端口 PORT by default")
def serve(host: str, port: int | None) -> None:
    """提供网页和接口。Serve the pages and the API.

    Without a broker, jobs and timers run in this process. 没有消息队列时，后台任务也在这个进程里。
    """
    settings = read_settings()
    bootstrap.prepare(settings)
    wakers: list[EmbeddedWorker] = []
    office = bootstrap.open_office(settings, _announce(settings, wakers))
    _fill(settings, office)
    worker = EmbeddedWorker(office) if settings.is_embedded else None
    if worker is not None:
        wakers.append(worker)
        worker.start()
    bound = port or settings.port
    server = create_server(
        create_app(office, settings),
        host=host,
        port=bound,
        threads=8,
        ident=None,
        max_request_body_size=MOST_BYTES,  # what says that it is larger is refused unread
        # the application reads them, when it is told how many proxies there are
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )
    server.channel_class = Channel
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    click.echo(f"\n昆信 Kunxin  http://{host}:{bound}/   (Ctrl-C 结束)\n")
    try:
        server.run()  # returns on the interrupt
    finally:
        click.echo("正在结束 stopping …")
        server.close()
        if worker is not None:
            worker.stop()
        office.uow.engine.dispose()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _announce(settings: Settings, wakers: list[EmbeddedWorker]) -> bootstrap.Announce:
    if settings.broker_url is not None:
        celery_app.make_celery(settings.broker_url)
        return celery_app.announce

    def wake(job_id: UUID) -> None:
        for waker in wakers:
            waker.wake()

    return wake


def _fill(settings: Settings, office: Office) -> None:
    """Deploy what is new; fill an empty training installation with the demo, name its accounts."""
    if settings.sandbox and fill.is_half_filled(office):
        raise click.ClickException(
            f"演练数据只生成了一半，请删除 {settings.data_dir} 后重新启动。"
            f" The demo was interrupted: delete {settings.data_dir} and start again."
        )
    if settings.sandbox and not fill.is_filled(office):
        click.echo("首次启动，正在生成演练数据 filling the demo …")
        fill.fill(office, say=click.echo)
    else:
        deployments.deploy_all(office, SYSTEM, now=office.now())
    if settings.sandbox:
        click.echo(accounts.listing())


#: Workers tell each other nothing: the tables are the truth. The library's heartbeat, due while the broker
#: is away, would wait for it for ever and hear no stop.
_ALONE = ("--without-heartbeat", "--without-gossip", "--without-mingle")


@main.command()
@click.option("--concurrency", default=2, show_default=True)
def worker(concurrency: int) -> None:
    """后台任务进程。A Celery worker (needs KUNXIN_BROKER_URL)."""
    settings = read_settings()
    with suppress(
        Unavailable
    ):  # a database that is away comes back; one of another release does not
        bootstrap.refuse_other_release(settings)
    # each process opens its own: what cannot be opened is said once, here, not at every job
    bootstrap.open_office(settings).uow.engine.dispose()
    if settings.worker_metrics:
        figures.publish(settings.worker_metrics)
    how = ["--loglevel=INFO", f"--concurrency={concurrency}", *_ALONE]
    _celery().start(["--quiet", "worker", *how])


@main.command()
def beat() -> None:
    """定时进程。Celery beat: sweeps due timers and jobs (needs KUNXIN_BROKER_URL)."""
    settings = read_settings()
    schedule = str(settings.data_dir / "celerybeat-schedule")
    _celery().start(["--quiet", "beat", "--loglevel=INFO", f"--schedule={schedule}"])


def _celery() -> Celery:
    settings = read_settings()
    if settings.broker_url is None:
        raise click.ClickException("KUNXIN_BROKER_URL 未设置 is not set")
    return celery_app.make_celery(settings.broker_url)


@main.command()
@click.option("--later", "is_later", is_flag=True, help="cases of 2023 and 2026, not of 2020")
def demo(is_later: bool) -> None:
    """生成演练数据。Fill an empty training installation by driving the same services as people do."""
    settings, office = prepared()
    if not settings.sandbox:
        raise click.ClickException("只在演练环境 KUNXIN_SANDBOX=1 only in a training installation")
    if fill.is_filled(office):
        raise click.ClickException("已有数据 there are cases already")
    (later.fill if is_later else fill.fill)(office, say=click.echo)
    click.echo(accounts.listing())


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="the report for programs")
@click.option("--english", is_flag=True, help="sentences in English")
def check(folder: Path, as_json: bool, english: bool) -> None:
    """检查流程文件夹。Check a procedure's folder as a deployment would; exit code 1 when it is refused."""
    report = deployments.check_folder(folder)
    click.echo(orjson.dumps(report.told()).decode() if as_json else _readable(report, english))
    if not report.is_accepted:
        raise SystemExit(1)


SEVERITIES = {"refusal": "拒绝 refused", "warning": "提醒 warning", "repaired": "已修 repaired"}


def _readable(report: Report, english: bool) -> str:
    lines = [
        f"{SEVERITIES[each.severity]}  {each.place} “{each.name}” [{each.code}]\n"
        f"    {each.en if english else each.zh}"
        for each in report.findings
    ]
    for walk in report.walks:
        bound = "" if walk.is_complete else "（未走完 not all）"
        lines.append(
            f"走查 walked {walk.process_id}: {walk.states} 状态 states, {walk.moves} 步 moves, "
            f"{walk.reached}/{walk.drawn} 元素 elements{bound}"
        )
    lines.append(
        f"{len(report.refusals)} 拒绝 refused, {len(report.warnings)} 提醒 warnings, "
        f"{len(report.repairs)} 已修 repaired"
    )
    return "\n".join(lines)


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def deploy(folder: Path) -> None:
    """部署流程文件夹。Deploy a procedure's folder as a new version."""
    _, office = opened()
    try:
        made = deployments.deploy_folder(office, SYSTEM, folder, now=office.now())
    except GateRefused as refused:
        click.echo(_readable(refused.report, english=False))
        raise SystemExit(1) from None
    click.echo(f"{folder.name}: {'新版本 new version' if made else '无变化 unchanged'}")


@main.command("import-records")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="account of a credit officer")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in RecordKind]),
    default=RecordKind.PENALTY.value,
    show_default=True,
)
def import_records(file: Path, username: str, kind: str) -> None:
    """导入信用记录。Import records from a file.

    双公示 penalties, the court's list, a pending list. 行政处罚、法院名单、待上报名单。
    """
    _, office = opened()
    actor = people.actor_of_username(office, username)
    report = records.import_file(
        office, actor, file.name, file.read_bytes(), kind=kind, now=office.now()
    )
    for line in report.lines:
        for field, words in line.problems:
            click.echo(f"第 {line.line} 行 line {line.line} {field}: {words.zh} {words.en}")
    click.echo(
        f"收入 {report.taken}，已有 {report.known}，拒收 {report.refused}"
        f" (taken, known before, refused)"
    )


main.add_command(calendar)
main.add_command(check_breached)
main.add_command(copy_files)
main.add_command(export)
main.add_command(audit_group)
main.add_command(upgrade)
main.add_command(retention)


@main.command()
def doctor() -> None:
    """自查数据。Oracle queries over the tables: each must find nothing."""
    _, office = opened()
    report(audit.examine(office))


@main.group()
def user() -> None:
    """账号。Accounts and their groups."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="姓名 the name that is shown")
@click.option("--department", metavar="KEY", help="部门 key of a department")
@click.option(
    "--group",
    "groups",
    metavar="KEY",
    multiple=True,
    help="岗位组 key of a group; more than once for more",
)
@click.option("--subject", default=None, help="统一社会信用代码 of an enterprise")
@click.password_option()
def user_add(
    username: str,
    name: str,
    department: str | None,
    groups: tuple[str, ...],
    subject: str | None,
    password: str,
) -> None:
    """建立账号。Add an account; asks for the password."""
    _, office = opened()
    if not office.directory().groups:  # the first account, before any procedure was deployed
        deployments.load_shared(office, office.workflows)
    people.must_be_known(office, department, groups)
    breached.check_new(office, password, username=username, name=name)
    people.add_person(
        office,
        username,
        password,
        name,
        now=office.now(),
        department=department,
        groups=groups or (("applicant",) if subject else ()),
        subject=subject,
    )
    click.echo(f"{username} 已建立 added")
