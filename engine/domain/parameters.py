"""Values that an administrator may change: lights, local limits, caps; which stands for which procedure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.domain.clock_ledger import Budget
from engine.domain.clock_reading import LightRule
from engine.domain.errors import Invalid
from engine.domain.words import Words

#: Marks, in the basis of a limit, that no law we could read fixes it.
LOCAL = "本地参数"
LIMIT, EXTENSION, SITE = "limit.", "extension.", "site."
#: Key of the time in which words of an enterprise that a record is still shown are answered.
STILL_SHOWN = SITE + "still_shown"
YELLOW_DAYS, YELLOW_SHARE, YELLOW_HOURS = (
    "lights.yellow_days",
    "lights.yellow_share",
    "lights.yellow_hours",
)
HEAT_NEAR, HEAT_OVER = "heat.near", "heat.over"
#: Per cent of the limit from which on a step is yellow, red on the heat map.
HEAT = {HEAT_NEAR: 60, HEAT_OVER: 100}
LIGHTS = (YELLOW_DAYS, YELLOW_SHARE, YELLOW_HOURS)
MOST = 366
MOST_HEAT = 1000


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was set, by scope and key. Scopes: procedure:edition before procedure before "" (office)."""

    values: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def value(self, key: str, procedure: str, edition: str) -> str | None:
        for scope in (f"{procedure}:{edition}", procedure, ""):
            if found := self.values.get((scope, key)):
                return found
        return None

    def amount(self, key: str, procedure: str, edition: str, usual: int) -> int:
        found = self.value(key, procedure, edition)
        return int(found) if found else usual

    def budget(self, key: str, usual: Budget) -> Budget:
        """The time of something outside any procedure, with what was set for the office."""
        return replace(usual, amount=self.amount(key, "", "", usual.amount))

    def lights(self, procedure: str, edition: str) -> LightRule:
        """When the light of that procedure turns yellow."""
        usual = LightRule()
        share = self.value(YELLOW_SHARE, procedure, edition)
        return LightRule(
            yellow_share=float(share) if share else usual.yellow_share,
            yellow_days=self.amount(YELLOW_DAYS, procedure, edition, usual.yellow_days),
            yellow_hours=self.amount(YELLOW_HOURS, procedure, edition, usual.yellow_hours),
        )

    def heat(self, procedure: str, edition: str) -> tuple[float, float]:
        """Shares of its limit from which on a step is yellow, red on the heat map."""
        near, over = (self.amount(key, procedure, edition, HEAT[key]) / 100 for key in HEAT)
        return near, over


def newest(rows: Iterable[tuple[str, str, str]]) -> Parameters:
    """The values in force from all that was ever set, the oldest first: (scope, key, value)."""
    return Parameters({(scope, key): value for scope, key, value in rows})


def checked(key: str, value: str) -> str:
    """The value as it is kept; "" takes the setting back. Invalid when it cannot stand."""
    text = value.strip()
    if not text:
        return ""
    if key == YELLOW_SHARE:
        return _share(text)
    least, most = (0 if key in LIGHTS else 1), (MOST_HEAT if key in HEAT else MOST)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise Invalid(
            f"应为 {least} 到 {most} 的整数。",
            f"a whole number from {least} to {most}",
            fields={"value": f"应为 {least} 到 {most} 的整数。"},
        )
    return str(int(text))


def check_heat(parameters: Parameters, procedure: str, edition: str) -> None:
    """Invalid where a step would be red on the heat map before it is yellow."""
    near, over = parameters.heat(procedure, edition)
    if near >= over:
        wrong = Words("黄色门槛须低于红色门槛。", "yellow must begin below red")
        raise Invalid(wrong.zh, wrong.en, fields={"value": wrong})


def _share(text: str) -> str:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Invalid(
            "应为 0 到 1 的小数，如 0.2。",
            "a number from 0 to 1, as 0.2",
            fields={"value": "应为 0 到 1 的小数，如 0.2。"},
        )
    return f"{share:g}"
