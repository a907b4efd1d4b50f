"""Use cases of administrators about accounts, tokens and webhooks: asked by those who may not."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from engine.domain.account import NewAccount
from engine.domain.audit import Asked
from engine.services import (
    account_log,
    accounts,
    deployment_rule,
    history_checks,
    model_drafts,
    model_previews,
    office_history,
    second_factors,
    second_person,
    tokens,
    webhooks,
)
from tests.doors import HERE
from tests.offices import MONDAY

_NEW = NewAccount("somebody", "somebody", None, ("administrator",))
_TOLD = webhooks.Told("outside", "https://platform.example/", ("case.filed",))

#: Name -> the call, given office, actor and what it is about.
OF_DOORS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "account_log.listed": lambda o, a, s: account_log.listed(o, a),
    "deployment_rule.shown": lambda o, a, s: deployment_rule.shown(o, a),
    "deployment_rule.require": lambda o, a, s: deployment_rule.require(
        o, a, is_required=True, now=MONDAY
    ),
    "second_person.require": lambda o, a, s: second_person.require(
        o, a, "deployments", is_required=True, now=MONDAY
    ),
    "history_checks.ask": lambda o, a, s: history_checks.ask(o, a),
    "history_checks.get": lambda o, a, s: history_checks.get(o, a, uuid4()),
    "history_checks.state": lambda o, a, s: history_checks.state(o, a),
    "model_drafts.get": lambda o, a, s: model_drafts.get(o, a, s.definition),
    "model_drafts.mine": lambda o, a, s: model_drafts.mine(o, a),
    "model_drafts.keep": lambda o, a, s: model_drafts.keep(
        o, a, s.definition, "credit_repair/process.bpmn", "x", 0, now=MONDAY
    ),
    "model_drafts.add": lambda o, a, s: model_drafts.add(
        o, a, s.definition, "json", "second_look", now=MONDAY
    ),
    "model_drafts.discard": lambda o, a, s: model_drafts.discard(o, a, s.definition),
    "model_drafts.handed": lambda o, a, s: model_drafts.handed(o, a, s.definition),
    "model_drafts.judge": lambda o, a, s: model_drafts.judge(o, a, s.definition, now=MONDAY),
    "model_drafts.hand_in": lambda o, a, s: model_drafts.hand_in(o, a, s.definition, now=MONDAY),
    "model_drafts.carry": lambda o, a, s: model_drafts.carry(o, a, s.definition, {}, now=MONDAY),
    "model_previews.samples": lambda o, a, s: model_previews.samples(
        o, a, s.definition, "credit_repair/letters/acceptance.typ"
    ),
    "model_previews.letter": lambda o, a, s: model_previews.letter(
        o, a, s.definition, "credit_repair/letters/acceptance.typ", "x", s.letter
    ),
    "office_history.listed": lambda o, a, s: office_history.listed(o, a, Asked(), now=MONDAY),
    "office_history.as_workbook": lambda o, a, s: office_history.as_workbook(
        o, a, Asked(), now=MONDAY, language="zh"
    ),
    "office_history.as_csv": lambda o, a, s: office_history.as_csv(
        o, a, Asked(), now=MONDAY, language="zh"
    ),
    "accounts.get": lambda o, a, s: accounts.get(o, a, "wang"),
    "accounts.add": lambda o, a, s: accounts.add(o, a, _NEW, place=HERE, now=MONDAY),
    "accounts.disable": lambda o, a, s: accounts.disable(o, a, "wang", place=HERE),
    "accounts.enable": lambda o, a, s: accounts.enable(o, a, "wang", place=HERE),
    "accounts.set_temporary_password": lambda o, a, s: accounts.set_temporary_password(
        o, a, "wang", place=HERE
    ),
    "accounts.end_sessions": lambda o, a, s: accounts.end_sessions(o, a, "wang", place=HERE),
    "accounts.unlink": lambda o, a, s: accounts.unlink(o, a, "wang", place=HERE),
    "second_factors.reset": lambda o, a, s: second_factors.reset(o, a, "wang", place=HERE),
    "second_factors.is_on": lambda o, a, s: second_factors.is_on(o, a, "wang"),
    "tokens.listed": lambda o, a, s: tokens.listed(o, a),
    "webhooks.listed": lambda o, a, s: webhooks.listed(o, a),
    "webhooks.get": lambda o, a, s: webhooks.get(o, a, uuid4()),
    "webhooks.add": lambda o, a, s: webhooks.add(o, a, _TOLD),
    "webhooks.change": lambda o, a, s: webhooks.change(o, a, uuid4(), _TOLD),
    "webhooks.rotate": lambda o, a, s: webhooks.rotate(o, a, uuid4()),
    "webhooks.enable": lambda o, a, s: webhooks.enable(o, a, uuid4(), is_enabled=True),
    "webhooks.test": lambda o, a, s: webhooks.test(o, a, uuid4()),
    "webhooks.redeliver": lambda o, a, s: webhooks.redeliver(o, a, uuid4(), uuid4()),
}
#: One's own sessions, password and tokens: tests/services/test_sign_in.py.
OF_ONESELF = {
    "breached.tell", "own_password.change", "own_password.prove", "sessions.begin", "sessions.end_one", "sessions.end_others", "sessions.mine",
    "tokens.make", "tokens.mine", "tokens.revoke",
}  # fmt: skip
