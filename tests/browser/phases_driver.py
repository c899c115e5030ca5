"""Hands for questionnaires with every kind of question."""

from __future__ import annotations

from typing import Any

from operator_driver import Operator


class PhasesOperator(Operator):
    """Answers comprehension rightly, goes down the branch, and says `Neither` to every sentence."""

    def _answer_questions(self) -> None:
        for field in self.page.locator(".field").all():
            if field.is_hidden():
                continue
            self._answer(field)

    def _answer(self, field: Any) -> None:
        rows, boxes = field.locator("[data-row]"), field.locator("input[type=checkbox]")
        radios, words = field.locator("input[type=radio]"), field.locator("textarea")
        if rows.count():
            for row in rows.all():
                row.locator("input").nth(2).check()
        elif boxes.count():
            boxes.last.check()
        elif radios.count():
            understood = "?" in field.inner_text() and radios.count() == 2 and self.page.locator(".field").count() == 1
            radios.nth(1 if understood else 0).check()
        elif words.count():
            words.fill("Translating")
