"""Triggers that keep narrow copies of wide rows, alike on both databases, and the recount they must equal.

A copied row is made in the statement that changes its source. No counter is shared that two
transactions would wait for. What a trigger says and what the recount says is one text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ACTS = ("insert", "update", "delete")


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows of `source` that are `chosen`, as rows of `target`.

    `chosen` and the values of `own` are SQL over one row, `{row}`; `reads`: the source's columns in
    them. `of_case`: columns whose values are those of the row's case, `{case}`. `afresh`: what is
    set whenever the row is written; it is the target's own otherwise.
    """

    source: str
    target: str
    chosen: str
    own: Mapping[str, str]
    reads: tuple[str, ...]
    of_case: Mapping[str, str] = field(default_factory=dict)
    afresh: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"copy_{self.source}_to_{self.target}"

    @property
    def columns(self) -> Mapping[str, str]:
        """What is copied."""
        return {**self.own, **self.of_case}

    def is_chosen(self, row: str) -> str:
        return f"({self.chosen.format(row=row)})"

    def recount(self, names: Iterable[str]) -> str:
        """The chosen rows of the source as these columns of the copy."""
        given = {**self.columns, **self.afresh}
        wanted = ", ".join(given[name].format(row="s", case="c") for name in names)
        joined = " JOIN case_file AS c ON c.id = s.case_id" if self.of_case else ""
        return f"SELECT {wanted} FROM {self.source} AS s{joined} WHERE {self.is_chosen('s')}"  # noqa: S608

    def added(self) -> str:
        """INSERT of the copy of the row NEW."""
        given = {**self.columns, **self.afresh}
        values = ", ".join(value.format(row="NEW", case="c") for value in given.values())
        joined = " FROM case_file AS c WHERE c.id = NEW.case_id" if self.of_case else ""
        return f"INSERT INTO {self.target} ({', '.join(given)}) SELECT {values}{joined}"

    def changed(self) -> str:
        """UPDATE of the copy after a change of its row; what comes from the case stays."""
        given = settings({**self.own, **self.afresh}, "NEW")
        return f"UPDATE {self.target} SET {given} WHERE id = OLD.id"  # noqa: S608 - our names

    def gone(self) -> str:
        return f"DELETE FROM {self.target} WHERE id = OLD.id"  # noqa: S608 - our names


@dataclass(frozen=True, slots=True)
class Follow:
    """What else is done when columns of a table change: SQL over NEW and OLD.

    `acts`: act -> the condition under which it wakes the trigger. `first`: what PostgreSQL has to do
    before, where others may be at work.
    """

    name: str
    table: str
    reads: tuple[str, ...]
    acts: Mapping[str, str]
    then: Mapping[str, str]
    first: str = ""


def settings(given: Mapping[str, str], row: str) -> str:
    return ", ".join(f"{name} = {value.format(row=row, case=row)}" for name, value in given.items())


def differs(names: Iterable[str], *, is_postgresql: bool) -> str:
    """Whether one of these columns of a row is another now."""
    new, old = (", ".join(f"{row}.{name}" for name in names) for row in ("NEW", "OLD"))
    return f"({new}) {'IS DISTINCT FROM' if is_postgresql else 'IS NOT'} ({old})"


def of_copy(copy: Copy, *, is_postgresql: bool) -> list[str]:
    """Creating a row, changing it, removing it. A change that the copy does not show wakes nobody."""
    new, old = copy.is_chosen("NEW"), copy.is_chosen("OLD")
    conditions = {
        "insert": new,
        "update": f"({new} OR {old}) AND {differs(copy.reads, is_postgresql=is_postgresql)}",
        "delete": old,
    }
    if not is_postgresql:
        again = f"{copy.added()} {'AND' if copy.of_case else 'WHERE'} {new}"
        acts = {"insert": copy.added(), "update": f"{copy.gone()}; {again}", "delete": copy.gone()}
        return [
            _trigger(copy.name, copy.source, copy.reads, act, conditions[act], _block(acts[act]))
            for act in ACTS
        ]
    # a row that stays chosen keeps its place in the copy
    body = f"""
        IF TG_OP = 'INSERT' THEN
            {copy.added()};
        ELSIF TG_OP = 'DELETE' OR NOT {new} THEN
            {copy.gone()};
        ELSE
            {copy.changed()};
            IF NOT FOUND THEN
                {copy.added()};
            END IF;
        END IF;"""
    run = f"EXECUTE FUNCTION {copy.name}()"
    triggers = (
        _trigger(copy.name, copy.source, copy.reads, act, conditions[act], run) for act in ACTS
    )
    return [_function(copy.name, body), *triggers]


def of_follow(follow: Follow, *, is_postgresql: bool) -> list[str]:
    found = []
    changed = differs(follow.reads, is_postgresql=is_postgresql)
    for act, given in follow.acts.items():
        name, then = f"{follow.name}_{act}", follow.then[act]
        condition = f"{given} AND {changed}" if act == "update" else given
        run = _block(then)
        if is_postgresql:
            found.append(_function(name, f"{follow.first} {then};"))
            run = f"EXECUTE FUNCTION {name}()"
        found.append(_trigger(follow.name, follow.table, follow.reads, act, condition, run))
    return found


def names(copies: Iterable[Copy], follows: Iterable[Follow]) -> list[tuple[str, str]]:
    """(table, trigger) of them all."""
    return [
        *((copy.source, f"{copy.name}_{act}") for copy in copies for act in ACTS),
        *((each.table, f"{each.name}_{act}") for each in follows for act in each.acts),
    ]


def _trigger(
    name: str, table: str, reads: Iterable[str], act: str, condition: str, run: str
) -> str:
    event = f"UPDATE OF {', '.join(reads)}" if act == "update" else act.upper()
    return (
        f"CREATE TRIGGER {name}_{act} AFTER {event} ON {table}"
        f" FOR EACH ROW WHEN ({condition}) {run}"
    )


def _block(acts: str) -> str:
    return f"BEGIN {acts}; END"


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {body} RETURN NULL; END $$"
    )
