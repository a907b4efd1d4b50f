"""Which scope of a token each call of the API needs."""

from engine.domain.scope import Scope

#: Noun -> area; a noun that is not named here is administered.
AREAS = {
    **dict.fromkeys(
        (
            "cases",
            "clocks",
            "documents",
            "hand_overs",
            "letters",
            "procedures",
            "tracking",
            "eligibility",
        ),
        "cases",
    ),
    **dict.fromkeys(("certificates", "notices", "courses"), "cases"),
    "tasks": "tasks",
    **dict.fromkeys(("records", "registers", "commitments"), "records"),
    **dict.fromkeys(("supervision", "leaves"), "supervision"),
}
#: Calls that have a scope of their own.
ALONE = {
    "cases.message": Scope.MESSAGES_WRITE,
    "personal_data.of_case": Scope.PERSONAL_READ,
    "personal_data.of_record": Scope.PERSONAL_READ,
}
#: What is about the token itself and its holder: any token may.
FREE = frozenset({"tokens.me", "tokens.issue", "tokens.index", "tokens.revoke"})


def needed(noun: str, view: str, method: str) -> Scope | None:
    """The scope that a token must carry for this call; None when any token will do."""
    call = f"{noun}.{view}"
    if call in FREE:
        return None
    area = AREAS.get(noun, "administration")
    return ALONE.get(call) or Scope(f"{area}:{'read' if method == 'GET' else 'write'}")
