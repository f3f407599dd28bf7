"""Says what there is to gain: what the rule, the model and a perfect model reach, before anybody tunes."""

from typing import NamedTuple

import numpy as np

from .. import metrics, predict
from ..charter import REGRESSION, Model
from ..say import shown
from .diagnostics import Judged

PER = 1_000
# Less than this share is not worth the work of tuning.
SMALL, ONE_PERCENT = 0.02, 0.01


class Room(NamedTuple):
    """What rule, model and a perfect model reach; `whole` is what the room is compared with to call it small."""

    sentence: str
    rule: float
    model: float
    perfect: float
    whole: float

    def __str__(self) -> str:
        """Return what there is to gain, in words."""
        return f"{self.sentence}; {self.outlook}"

    @property
    def outlook(self) -> str:
        """What that means for whoever thinks of tuning."""
        if abs(self.perfect - self.rule) < SMALL * self.whole:
            return f"even a perfect model would gain less than {SMALL:.0%}: the rule may do"
        if abs(self.perfect - self.model) < SMALL * self.whole:
            return f"less than {SMALL:.0%} is left to gain by tuning"
        way = (self.model - self.rule) / (self.perfect - self.rule)
        if way <= 0:
            return "no gain over the rule" if way == 0 else "the model does worse than the rule"
        return f"{'under 1%' if way < ONE_PERCENT else f'{way:.0%}'} of the way from the rule to perfect"


def measure(judged: Judged, model: Model, metric: str) -> Room | None:
    """Return what there is to gain; nothing where no row is decided on, or where what is said is no number.

    Classes count as the main metric counts them.
    """
    if model.kind == REGRESSION:
        return _errors(judged, model)
    return _right(judged, metric) if model.has_classes else _hits(judged, model)


def _errors(judged: Judged, model: Model) -> Room | None:
    rule, found = (float(np.abs(judged.outcomes - said).mean()) for said in (judged.rule, judged.scores))
    if not np.isfinite([rule, found]).all():
        return None
    sentence = (
        f"{model.target} is off by {shown(rule)} with the rule, {shown(found)} with the model "
        "and 0 with a perfect one, on average"
    )
    spread = float(np.abs(judged.outcomes - np.median(judged.outcomes)).mean())
    return Room(sentence, rule, found, 0, spread)


def _right(judged: Judged, metric: str) -> Room:
    is_balanced = metric == "balanced_accuracy"
    measured = metrics.balanced_accuracy if is_balanced else metrics.accuracy
    once = np.ones((1, len(judged.outcomes)))
    rule, found = (float(measured(judged.outcomes, said, once)[0] * PER) for said in (judged.rule, judged.scores))
    rows = f"{PER:,} rows, as many of each class," if is_balanced else f"{PER:,} rows"
    sentence = f"of {rows} the rule is right about {rule:,.0f}, the model about {found:,.0f}, a perfect model about all"
    return Room(sentence, rule, found, PER, PER)


def _hits(judged: Judged, model: Model) -> Room | None:
    """Count the positive rows among those that are chosen; without a decision, among as many as are positive."""
    rows, positive = len(judged.outcomes), int(judged.outcomes.sum())
    chosen = int(predict.chosen(model.decision, judged.scores).sum()) if model.decision else positive
    if not chosen:
        return None
    once = np.ones((1, rows))
    rule, found = (
        float(metrics.precision_at(judged.outcomes, said, once, chosen / rows)[0] * chosen / rows * PER)
        for said in (judged.rule, judged.scores)
    )
    perfect = min(chosen, positive) / rows * PER
    many = f"{chosen / rows * PER:,.0f}"
    among = f"{many} are chosen:" if model.decision else f"{many} are positive: in as many tries"
    sentence = (
        f"of {PER:,} rows {among} the rule hits {rule:,.0f}, the model {found:,.0f}, a perfect model {perfect:,.0f}"
    )
    return Room(sentence, rule, found, perfect, perfect)
