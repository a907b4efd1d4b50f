"""The demo accounts: added through the service that adds any account, listed for the terminal."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from engine.demo.cast import cast
from engine.domain.errors import NotFound
from engine.services import notices, people
from engine.services.office import Office

#: (username, what to see there): one of each kind is enough to begin with.
SHOWN: tuple[tuple[str, str, str], ...] = (
    ("chengyuan", "企业：审查中的办件", "enterprise: a case under examination"),
    ("mulan", "企业：四条记录，一份草稿", "enterprise: four records, one draft"),
    ("yihe", "企业：轮到它补交材料", "enterprise: its turn to supplement"),
    ("wangfang", "窗口：收件、送达", "window: intake, service"),
    ("zhuhaiyan", "市市场监管局：出具意见", "penalty authority: opinions"),
    ("zhoumin", "市信用办经办：初审", "credit office: first review"),
    ("gujianguo", "市信用办科长：复审", "credit office: second review"),
    ("shenguoping", "分管领导：审定", "deputy director: approval"),
    ("luoyan", "复核岗：复核", "reviewer: reconsideration"),
    ("hewei", "高新区：核查、帮办", "district: site checks, help"),
    ("qianyiming", "信息中心：撤下、核验", "credit centre: take-down, checks"),
    ("luxiaolan", "督办员：看板、督办", "supervisor: board, notices"),
    ("zhengshu", "信用信息管理员：导入", "credit officer: imports"),
    ("qinli", "系统管理员", "administrator"),
)


def add_people(office: Office, *, now: datetime) -> None:
    """Add the officials that are not there yet."""
    for person in cast().people:
        if not _is_known(office, person.username):
            people.add_person(
                office,
                person.username,
                cast().password,
                person.name,
                now=now,
                department=person.department,
                groups=person.groups,
            )


def add_firms(office: Office, *, now: datetime) -> None:
    """Add an account for each enterprise. After the import, which tells the subjects' names."""
    for firm in cast().firms.values():
        if not _is_known(office, firm.key):
            people.add_person(
                office,
                firm.key,
                cast().password,
                firm.handler,
                now=now,
                groups=("applicant",),
                subject=firm.code,
                phone=firm.phone,
                address=firm.address,
            )


def give_addresses(office: Office) -> None:
    """From here on everybody has e-mail as well: what is sent lies in the practice mailbox."""
    for username in (*(person.username for person in cast().people), *cast().firms):
        actor = people.actor_of_username(office, username)
        held = notices.choices(office, actor)
        notices.choose(
            office,
            actor,
            email=held.email or f"{username}@example.com",
            phone=held.phone,
            channels=("email",),
            language=held.language,
        )


def are_there(office: Office) -> bool:
    return _is_known(office, SHOWN[-1][0])


def _is_known(office: Office, username: str) -> bool:
    try:
        people.actor_of_username(office, username)
    except NotFound:
        return False
    return True


def listing() -> str:
    """A table of demo accounts for the terminal, and their one password."""
    names = {person.username: person.name for person in cast().people}
    names |= {key: firm.name for key, firm in cast().firms.items()}
    rows = [(username, names[username], zh, en) for username, zh, en in SHOWN]
    widths = [max(_width(row[column]) for row in rows) for column in range(3)]
    lines = [_line(row, widths) for row in rows]
    others = len(names) - len(rows)
    return "\n".join(
        (
            f"演练账号 Demo accounts（密码 password: {cast().password}）",
            *lines,
            f"  另有 {others} 个账号，见“管理 · 人员”。{others} more: administration, people.",
        )
    )


def _line(row: Iterable[str], widths: list[int]) -> str:
    *columns, last = row
    padded = (
        text + " " * (width - _width(text)) for text, width in zip(columns, widths, strict=True)
    )
    return "  " + "  ".join((*padded, last))


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
