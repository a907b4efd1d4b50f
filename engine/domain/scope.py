"""Scopes: what a token may do of what its holder may do."""

from collections.abc import Iterable

from engine.domain.actor import Actor
from engine.domain.choice import Choice
from engine.domain.errors import Invalid, NotPermitted


class Scope(Choice):
    """An area of the API and whether it is only read. A scope never adds to what groups allow."""

    CASES_READ = "cases:read", "查看办件、期限、材料和文书", "read cases, clocks, papers, letters"
    CASES_WRITE = "cases:write", "提交、撤回、补充办件", "file, withdraw and add to cases"
    TASKS_READ = "tasks:read", "查看待办", "read the inbox"
    TASKS_WRITE = "tasks:write", "领取和办理任务", "claim and complete tasks"
    RECORDS_READ = "records:read", "查看信用记录和承诺", "read records and commitments"
    RECORDS_WRITE = "records:write", "导入和登记信用记录", "import and enter records"
    PERSONAL_READ = (
        "personal:read",
        "查看完整的个人号码（留痕）",
        "read whole numbers of people, on record",
    )
    MESSAGES_WRITE = "messages:write", "为办件送达外部消息", "deliver messages to cases"
    SUPERVISION_READ = "supervision:read", "查看督办", "read supervision"
    SUPERVISION_WRITE = "supervision:write", "发督办单、登记请假", "supervise, enter leave"
    ADMINISTRATION_READ = "administration:read", "查看程序、日历和故障", "read what is administered"
    ADMINISTRATION_WRITE = "administration:write", "部署程序、改日历、处理故障", "administer"


class ScopeMissing(NotPermitted):
    """The token does not carry the scope that this call needs; its holder may have the right."""

    slug = "scope-missing"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"令牌没有范围 {scope}。", f"the token lacks the scope {scope}")
        self.scope = scope

    @property
    def extra(self) -> dict[str, object]:
        return {"scope": self.scope.value}


def must_cover(actor: Actor, scope: Scope) -> None:
    """ScopeMissing when the actor came with a token that lacks it."""
    if actor.scopes is not None and scope not in actor.scopes:
        raise ScopeMissing(scope)


def read_scopes(given: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes of these names, in the order of the vocabulary. Invalid for none, or an unknown one."""
    names = frozenset(given)
    if unknown := sorted(names - {scope.value for scope in Scope}):
        raise Invalid(
            f"没有范围 {'、'.join(unknown)}。", f"there is no scope {', '.join(unknown)}",
            fields={"scopes": "、".join(unknown)},
        )  # fmt: skip
    if not names:
        raise Invalid(
            "至少选一个范围。", "choose at least one scope", fields={"scopes": "至少选一个范围。"}
        )
    return tuple(scope for scope in Scope if scope.value in names)
