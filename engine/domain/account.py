"""What happens to accounts and their tokens, as it is written down and shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.domain.choice import Choice
from engine.domain.words import Words


class Happening(Choice):
    """What happened."""

    ADDED = "added", "建立账号", "account added"
    SIGNED_IN = "signed_in", "登录", "signed in"
    SIGNED_IN_OVER = "signed_in_by_provider", "单点登录", "signed in by single sign-on"
    SLOWED = "slowed", "密码连续输错，已放慢", "wrong passwords, slowed down"
    SIGNED_OUT = "signed_out", "退出", "signed out"
    SESSIONS_ENDED = "sessions_ended", "结束其他登录", "other sessions ended"
    PASSWORD_CHANGED = "password_changed", "改密码", "password changed"
    PASSWORD_SET = "password_set", "设临时密码", "temporary password set"
    BREACHED = (
        "breached",
        "密码已泄露，已提醒更换",
        "the password is a breached one, told to change it",
    )
    DISABLED = "disabled", "停用账号", "account disabled"
    ENABLED = "enabled", "恢复账号", "account enabled"
    LINKED = "linked", "关联单点登录", "linked to single sign-on"
    UNLINKED = "unlinked", "取消单点登录关联", "unlinked from single sign-on"
    SECOND_FACTOR_ON = "second_factor_on", "设两步验证", "two-step sign-in set up"
    SECOND_FACTOR_OFF = "second_factor_off", "取消两步验证", "two-step sign-in removed"
    RECOVERY_CODES = "recovery_codes", "换备用码", "new recovery codes"
    RECOVERY_USED = "recovery_used", "用备用码登录", "a recovery code used"
    TOKEN_ISSUED = "token_issued", "建立令牌", "token made"
    TOKEN_REVOKED = "token_revoked", "撤销令牌", "token revoked"
    WEBHOOK_ADDED = "webhook_added", "登记推送地址", "webhook added"
    WEBHOOK_CHANGED = "webhook_changed", "修改推送地址", "webhook changed"
    WEBHOOK_DISABLED = "webhook_disabled", "停用推送地址", "webhook disabled"
    AUDIT_EXPORTED = "audit_exported", "导出审计清单", "audit list exported"


@dataclass(frozen=True, slots=True)
class AccountEventView:
    at: datetime
    what: Words
    username: str
    actor: str
    address: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser that is signed in. `is_this`: the one that asks."""

    id: UUID
    address: str
    browser: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as it is spoken of: never the token itself.

    `scopes` None: whatever its holder may do; such a token was given for a password and lasts hours.
    """

    id: UUID
    username: str
    title: str
    prefix: str
    scopes: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as an administrator sees it."""

    username: str
    name: str
    department: str | None
    department_title: Words | None
    groups: tuple[str, ...]
    group_titles: tuple[Words, ...]
    subject: str | None
    is_active: bool
    is_service: bool
    temporary_until: datetime | None
    linked_to: tuple[str, ...]
    sessions: tuple[SessionView, ...]
    tokens: tuple[TokenView, ...]
    events: tuple[AccountEventView, ...]
    is_own: bool


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an administrator tells of a new account. `is_service`: a program of another body."""

    username: str
    name: str
    department: str | None
    groups: tuple[str, ...]
    is_service: bool = False
