"""Python as datasets: which classes are models, which annotations are types."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_checks.formats import datasets
from ml_checks.reading.yaml import UnreadableError

from tests.command import CLEAN, repository, run, spawn
from tests.described import fields, names, places, source
from tests.effort import tries

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        ("int", "integer"),
        ("float | None", "number"),
        ("None | datetime", "timestamp"),
        ("Optional[datetime.date]", "date"),
        ("typing.Union[str, None]", "string"),
        ("Annotated[bool, Field(strict=True)]", "boolean"),
        ("Annotated[int | None, Gt(0)]", "integer"),
        ("Decimal", "number"),
        ("constr(max_length=3)", "string"),
        ("conint(gt=0) | None", "integer"),
        ("T.TimestampType()", "timestamp"),
        ("dt.time", "time"),
        ("list[int]", None),
        ("dict[str, int]", None),
        ("Series[pl.Int64]", "integer"),
        ("Optional[Series[pa.DateTime]]", "timestamp"),
        ("Series['datetime64[ns]']", "timestamp"),
        ("pl.Datetime('us')", "timestamp"),
        ("'float'", "number"),
        ("'not a type'", None),
        ("int | str", None),
        ("Literal['a', 'b']", None),
        ("Any", None),
        ("Airport", None),
        ("Date", None),
        ("None", None),
    ],
)
def test_a_field_has_the_type_of_the_vocabulary(annotation: str, kind: str | None) -> None:
    text = f"""\
from pydantic import BaseModel
class Date: ...
class Airport(BaseModel): ...
class Flight(BaseModel):
    it: {annotation}
"""
    assert fields("python", text) == {"it": kind}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from pydantic import BaseModel\nclass Flight(BaseModel):", id="Pydantic's"),
        pytest.param("from pydantic import BaseModel as Model\nclass Flight(Model):", id="under another name"),
        pytest.param("import pydantic\nclass Flight(pydantic.BaseModel):", id="by its module"),
        pytest.param("import pydantic as p\nclass Flight(Other, p.BaseModel):", id="as the second base"),
        pytest.param("import pandera.polars as pa\nclass Flight(pa.DataFrameModel):", id="pandera's"),
        pytest.param("import pandera as pa\nclass Flight(pa.SchemaModel):", id="pandera's of old"),
        pytest.param("from pydantic import BaseModel\nclass A(BaseModel): ...\nclass B(A):", id="derived twice"),
        pytest.param(
            "from pydantic import BaseModel\nif NEW:\n  class A(BaseModel): ...\nclass B(A):", id="under an if"
        ),
        pytest.param("from pydantic import BaseModel\nclass Page(BaseModel, Generic[T]):", id="generic"),
        pytest.param("from pydantic import BaseModel\nclass P(BaseModel): ...\nclass Q(P[int]):", id="of a generic"),
    ],
)
def test_a_class_that_derives_from_a_model_is_one(text: str) -> None:
    assert fields("python", f"{text}\n    gate: str") == {"gate": "string"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from dataclasses import dataclass\n@dataclass\nclass BaseModel:", id="a dataclass"),
        pytest.param("class Flight(NamedTuple):", id="a named tuple"),
        pytest.param("class BaseModel(ABC): ...\nclass LateModel(BaseModel):", id="a base of one's own"),
        pytest.param("from .base import BaseModel\nclass LateModel(BaseModel):", id="a base of the project"),
        pytest.param("from torch.nn import BaseModel\nclass Net(BaseModel):", id="a base of another library"),
        pytest.param("class Flight(make('BaseModel')):", id="a base that is computed"),
        pytest.param("from pydantic import BaseModel\nclass TrainConfig(BaseModel):", id="settings"),
        pytest.param(
            "from pydantic import BaseModel\nclass TrainConfig(BaseModel): 0\nclass A(TrainConfig):", id="more"
        ),
        pytest.param("from pydantic import *  # BaseModel\nclass Flight(BaseModel):", id="nobody knows from where"),
    ],
)
def test_any_other_class_is_none(text: str) -> None:
    assert fields("python", f"{text}\n    gate: str") == {}


def test_what_is_no_field_of_a_model_is_left_alone() -> None:
    text = """\
from typing import ClassVar
from pydantic import BaseModel, ConfigDict
class Flight(BaseModel):
    model_config: ConfigDict = ConfigDict(frozen=True)
    table: ClassVar[str] = "flights"
    _cache: int = 0
    other.thing: int = 0
    limit = 10
    gate: str
    model_name: str
    class_: str
    def late(self) -> bool:
        total: int = 0
        return total > 0
"""
    assert list(fields("python", text)) == ["gate", "model_name", "class"]


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        pytest.param("{'gate': pa.Column(str), 'stop': pa.Column(dtype='int64')}", ["string", "integer"], id="first"),
        pytest.param("columns={'gate': pa.Column(), 'stop': Column(pl.Date)}", [None, "date"], id="by its name"),
        pytest.param("{name: pa.Column(str) for name in names}", [], id="computed"),
        pytest.param("{**more, GATE: pa.Column(str), 1: pa.Column(str), 'gate': column}", [], id="not written here"),
        pytest.param("{'gate_': pa.Column(str, regex=True)}", [], id="a pattern for several"),
        pytest.param("{'^gate_[0-9]$': pa.Column(str)}", [], id="a pattern that looks like one"),
        pytest.param("{'gate': pa.Column(str, regex=False)}", ["string"], id="no pattern, as it says"),
        pytest.param("", [], id="none"),
    ],
)
def test_the_columns_of_a_schema_are_found_where_they_are_written(columns: str, found: list[str | None]) -> None:
    text = f"import pandera as pa\nFLIGHTS = pa.DataFrameSchema({columns})"
    assert list(fields("python", text).values()) == found


def test_classes_have_no_name_that_a_table_would_have() -> None:
    text = "from pydantic import BaseModel\nclass FlightDeparture(BaseModel): ..."
    assert names("python", text) == [None]


def test_everything_stands_where_it_is_written() -> None:
    text = """\
import pandera as pa
from pydantic import BaseModel, Field
class Flight(BaseModel):
    gäte: "str" = Field("ü", description="Where it"
        " stood.")
    é: int; stop: Annotated[int, Field(description='How often.')]
FLIGHTS = pa.DataFrameSchema({"gate": pa.Column(str, description=f"{x}"), "leg": pa.Column(description=1)})
"""
    assert places("python", text) == [
        ("gäte", 4, 5),
        ("string", 4, 11),
        ("Where it stood.", 4, 42),
        ("é", 6, 5),
        ("integer", 6, 8),
        ("stop", 6, 13),
        ("integer", 6, 19),
        ("How often.", 6, 52),
        ("gate", 7, 31),
        ("string", 7, 49),
        ("leg", 7, 75),
    ]


@pytest.mark.parametrize(
    ("text", "line", "col", "why"),
    [
        pytest.param("# BaseModel\nclass", 2, 6, "is not valid in Python 3", id="half a class"),
        pytest.param("BaseModel = " + "-" * 100_000 + "1", 1, 1, "it nests too deep", id="too deep"),
        pytest.param("BaseModel = '\0'", 1, 1, "null byte", id="a null byte"),
    ],
)
def test_what_is_no_python_is_refused_at_its_place(text: str, line: int, col: int, why: str) -> None:
    with pytest.raises(UnreadableError, match=why) as caught:
        datasets("python", source("python", text))
    assert (caught.value.line, caught.value.col) == (line, col)


def test_a_file_without_a_model_is_not_even_parsed() -> None:
    assert datasets("python", source("python", "class")) == []


def test_a_doubtful_escape_warns_nobody() -> None:
    assert fields("python", "from pydantic import BaseModel\nclass A(BaseModel):\n    gate: str = '\\d'") == {
        "gate": "string"
    }


@tries()
@given(st.text())
def test_any_annotation_is_read_or_refused(annotation: str) -> None:
    with contextlib.suppress(UnreadableError):
        fields(
            "python",
            f"from pydantic import BaseModel\nclass A(BaseModel):\n    gate: {annotation}\n    leg: '{annotation}'",
        )


def test_the_rules_on_names_hold_in_python(tmp_path: Path) -> None:
    model = """\
from datetime import datetime
from pydantic import BaseModel, Field
class Flight(BaseModel):
    departure_date: datetime
    cancelled: bool = Field(default=False, description="Cancelled.")
    dest: str
"""
    refused = f"is not valid in Python 3.{sys.version_info.minor}, which runs the checks"
    files = {
        **CLEAN,
        "src/late/api.py": model,
        "src/late/broken.py": "BaseModel(",
        "notebooks/api.py": "import datetime\n",
    }
    assert run(repository(tmp_path, files), "check", "--select", "SCH,DOC").findings == [
        "src/late/api.py:4:21: SCH005 field 'departure_date' has type 'timestamp', '_date' promises date",
        "src/late/api.py:5:5: SCH006 field 'cancelled' has type 'boolean', its name needs 'is_' or 'has_'",
        "src/late/api.py:5:56: DOC007 description 'Cancelled.' repeats the name 'cancelled'",
        "src/late/api.py:6:5: SCH004 name 'dest' says 'dest', the company's word is 'destination'",
        f"src/late/broken.py:1:10: FIL001 {refused}: '(' was never closed",
    ]


def test_the_syntax_tree_is_imported_for_a_model_alone(tmp_path: Path) -> None:
    imports = {"PYTHONPROFILEIMPORTTIME": "1"}
    plain = repository(tmp_path / "plain", {**CLEAN, "src/late/model.py": "class Flight:\n    gate: str\n"})
    assert " ast\n" not in spawn(plain, "check", **imports).err
    model = {**CLEAN, "src/late/model.py": "from pydantic import BaseModel\nclass A(BaseModel):\n    gate: str\n"}
    assert " ast\n" in spawn(repository(tmp_path / "model", model), "check", **imports).err
