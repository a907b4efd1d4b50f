"""A text in the product's two languages."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Words:
    """Chinese first; English falls back to Chinese where nobody wrote it."""

    zh: str
    en: str = ""

    def within(self, language: str) -> str:
        """The text for a locale such as 'zh', 'zh_Hans_CN', 'en'."""
        return self.zh if language.startswith("zh") or not self.en else self.en

    @property
    def opening(self) -> "Words":
        """The same at the beginning of a sentence."""
        return Words(self.zh, self.en[:1].upper() + self.en[1:])

    def __str__(self) -> str:
        return self.zh


def written(day: date) -> Words:
    """A day as an office writes it: 2020年3月2日, 2 March 2020."""
    return Words(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B %Y}")
