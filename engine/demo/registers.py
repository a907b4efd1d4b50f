"""What the practice office does on other sites: told, seen, confirmed; an enterprise that still finds itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from engine.demo.story import moment
from engine.domain.downstream import Act
from engine.domain.views import ObligationRow
from engine.services import people, records, site_lists, site_work, still_shown
from engine.services.office import Office
from engine.services.site_work import Proof

Due = tuple[datetime, Callable[[], None]]
#: Record, and what was done about which of its sites: when, who, site, act, channel, note.
LANGU, LANGHUI = "昆市监处罚〔2019〕322号", "昆环罚〔2019〕83号"
ACTS = (
    ("02-11 09:20", "jiangwei", LANGU, "enterprise_publicity", Act.TOLD, "phone", "已请市场监管局信用科撤下"),
    ("02-12 10:10", "jiangwei", LANGU, "enterprise_publicity", Act.SEEN_DONE, "web", "搜索企业名称，已无此条"),
    ("02-12 15:05", "xuduo", LANGU, "enterprise_publicity", Act.CONFIRMED, "web", "换一台电脑查看，无误"),
    ("02-12 15:20", "xuduo", LANGU, "industry", Act.SEEN_DONE, "web", "市场监管局门户“行政处罚”栏已撤"),
    ("02-13 10:05", "xuduo", LANGHUI, "industry", Act.TOLD, "letter", "函告生态环境局，请撤下门户信息"),
    ("02-24 09:40", "xuduo", LANGHUI, "industry", Act.NOT_YET, "web", "门户仍可查到，已再次电话催办"),
)  # fmt: skip
#: When the centre goes through all that is open and has a day behind it; these stay undone.
ROUNDS = ("02-13 16:30", "02-18 16:30", "02-20 16:30", "02-24 16:30", "02-26 16:30", "02-28 16:00")
LEFT = frozenset({LANGHUI, "昆住建罚〔2019〕49号"})
SETTLED = timedelta(days=1)
#: What an enterprise says, and what it is answered.
WORDS = (
    ("02-19 11:15", "langu", LANGU, "credit_china", "搜企业名称还能看到这条，截图附上。"),
    ("02-28 16:40", "langhui", LANGHUI, "industry", "生态环境局网站上还有这条。"),
)
ANSWERED = "02-20 10:30"
ANSWER = "2月20日在信用中国网站查询，已无此条；您看到的是浏览器缓存，请刷新后再看。"


def acts(office: Office) -> list[Due]:
    """Everything, each at its moment."""
    found: list[Due] = [
        (moment(at), partial(_act, office, who, number, site, act, channel, note))
        for at, who, number, site, act, channel, note in ACTS
    ]
    found += [
        (moment(at), partial(_say, office, who, number, site, note))
        for at, who, number, site, note in WORDS
    ]
    found.append((moment(ANSWERED), partial(_answer, office)))
    found += [(moment(at), partial(_round, office)) for at in ROUNDS]
    return sorted(found, key=lambda each: each[0])


def _owed(office: Office, number: str, site: str) -> UUID | None:
    """What the site owes for the record, if its case has come that far."""
    actor = people.actor_of_username(office, "jiangwei")
    found = site_lists.listed(office, actor, now=office.now(), show="all", site=site, q=number)
    return next((row.id for row in found.items), None)


def _act(
    office: Office, who: str, number: str, site: str, act: Act, channel: str, note: str
) -> None:
    owed = _owed(office, number, site)
    if owed is None or act.value not in _offered(office, who, owed):
        return
    proof = Proof(f"{site}.png", PIXEL) if act is Act.SEEN_DONE else None
    site_work.log(
        office,
        people.actor_of_username(office, who),
        owed,
        act.value,
        now=office.now(),
        channel=channel,
        note=note,
        proof=proof,
    )


#: A white point as PNG: what a screenshot is in a practice office.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c63f80f00010101005a4d6f190000000049454e44ae426082"
)


def _offered(office: Office, who: str, owed: UUID) -> frozenset[str]:
    actor = people.actor_of_username(office, who)
    return site_work.get(office, actor, owed, now=office.now()).actions


def _round(office: Office) -> None:
    """Two of the centre look at the sites, one after the other, and again at those of last week."""
    first, now = people.actor_of_username(office, "xuduo"), office.now()
    for row in _waiting(office, "to_do"):
        if row.claimed_by in (None, first.username) and now - row.opened_at >= SETTLED:
            seen = Act.SEEN_DONE.value
            proof = Proof(f"{row.site}.png", PIXEL)
            site_work.log(office, first, row.id, seen, now=now, channel="web", proof=proof)
    for row in _waiting(office, "to_confirm"):
        # whoever of the two has not seen it first
        confirmed = Act.CONFIRMED.value
        name = next(n for n in ("jiangwei", "xuduo") if confirmed in _offered(office, n, row.id))
        actor = people.actor_of_username(office, name)
        site_work.log(office, actor, row.id, confirmed, now=now, channel="web")
    for row in _waiting(office, "to_recheck"):
        site_work.log(office, first, row.id, Act.RECHECKED.value, now=now, channel="web")


def _waiting(office: Office, show: str) -> list[ObligationRow]:
    actor = people.actor_of_username(office, "jiangwei")
    found = site_lists.listed(office, actor, now=office.now(), show=show, limit=200)
    return [row for row in found.items if row.number not in LEFT and not row.contests]


def _say(office: Office, who: str, number: str, site: str, note: str) -> None:
    actor = people.actor_of_username(office, who)
    found = records.find(office, actor, now=office.now(), q=number).items
    if found:
        picture = Proof("截图.png", PIXEL)
        still_shown.say(
            office, actor, found[0].id, site, note=note, proof=picture, now=office.now()
        )


def _answer(office: Office) -> None:
    owed = _owed(office, LANGU, "credit_china")
    actor = people.actor_of_username(office, "jiangwei")
    if owed is None:
        return
    words = site_work.get(office, actor, owed, now=office.now()).contests
    for word in words:
        still_shown.answer(office, actor, word.id, "not_there", ANSWER, now=office.now())
