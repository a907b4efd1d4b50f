"""How the cast has arranged its desks, and what colleagues have told one another about a case."""

from engine.services import cases, notes, people, saved_filters
from engine.services.office import Office

#: Whose, name, list.
FILTERS = (
    ("zhoumin", "疫情专线", {"scope": "all", "q": "疫情"}),
    ("zhoumin", "临近的修复", {"scope": "all", "procedure": "credit_repair", "light": "yellow"}),
    ("wangfang", "市场监管的处罚", {"scope": "all", "q": "昆市监处罚"}),
)
#: By whom, on the open case of which document number, what.
NOTES = (
    (
        "gujianguo",
        "昆市监处罚〔2019〕417号",
        "@周敏 核查记录已看，出具意见前请把两次核查的时间对一遍。",
    ),
)


def arrange(office: Office) -> None:
    """At the end of the month that the demo plays, by the same services as the pages use."""
    now = office.now()
    for username, name, query in FILTERS:
        saved_filters.save(office, people.actor_of_username(office, username), name, query, now=now)
    for username, document, text in NOTES:
        actor = people.actor_of_username(office, username)
        found = cases.find(office, actor, now=now, q=document, state="open", limit=1)
        for case in found.items:
            notes.add(office, actor, case.number, text, now=now)
