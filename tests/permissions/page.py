"""Writes engine/services/PERMISSIONS.md from the matrix: python -m tests.permissions.page."""

from engine.services.permissions import WRITTEN, matrix

if __name__ == "__main__":
    text = "\n".join([*matrix().written(), ""])
    WRITTEN.with_name("PERMISSIONS.md").write_text(text, "utf-8")
