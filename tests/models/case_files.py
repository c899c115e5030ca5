"""A made-up table context: two kinds of numbers and of categories, with a truth that hangs on some of them."""

import torch

from binome.contexts import Shown, Split
from binome.core import BinomeError
from binome.core.stimulus import Decision, Feature, Number, Task

PARTS = {"train": slice(0, 900), "calibration": slice(900, 1150), "test": slice(1150, 1500)}


class CaseFiles:
    """Features 0 and 1 and the categories 4 and 5 tell the truth; 2 and 3 do not."""

    name = "case_files"
    mirrors = False
    skipped = ()
    input_shape = (6,)
    categories = (0, 0, 0, 0, 5, 3)
    inputs_of = (0, 1, 2, 3, 4, 5)

    def __init__(self, classes=2, noise=0.3):
        self.operator_view, self.predictor_view = {}, {}
        draw = torch.Generator().manual_seed(0)
        x = torch.randn(1500, 6, generator=draw)
        x[:, 4] = torch.randint(0, 5, (1500,), generator=draw)
        x[:, 5] = torch.randint(0, 3, (1500,), generator=draw)
        self.score = 1.5 * x[:, 0] - x[:, 1].abs() + 2.0 * (x[:, 4] == 2) + x[:, 0] * (x[:, 5] == 1)
        self.score = self.score + noise * torch.randn(1500, generator=draw)
        self.inputs, features = x, tuple(Feature(f"f{i}", {"en": f"F{i}", "fr": f"T{i}"}) for i in range(6))
        if classes:
            edges = torch.quantile(self.score, torch.linspace(0, 1, classes + 1)[1:-1])
            self.truths = torch.bucketize(self.score, edges)
            decisions = tuple(Decision(f"d{i}", {"en": f"D{i}", "fr": f"R{i}"}) for i in range(classes))
            self.task = Task(self.name, "Files", "Which?", decisions, features=features)
        else:
            self.truths = 50 + 10 * self.score
            self.task = Task(self.name, "Files", "How much?", (), Number(-50, 150, 1, "kg", 5.0), features)

    def split(self, name):
        part = PARTS[name]
        ids = tuple(f"{name}-{i:05d}" for i in range(part.stop - part.start))
        groups = {"f5": tuple("abc"[int(value)] for value in self.inputs[part, 5])}
        return Split(ids, self.inputs[part], self.truths[part], groups=groups)

    def show(self, item):
        split, _, place = item.rpartition("-")
        if split not in PARTS:
            raise BinomeError(f"no item {item}")
        row = self.inputs[PARTS[split].start + int(place)]
        return Shown(case=tuple(f"{float(value):.2f}" for value in row))
