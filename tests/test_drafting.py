"""The names that the golden path drafts, held to the rules that a project's names are held to."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.command import CLEAN, repository, run

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Bake
    from tests.machine import Machine

TYPES = ("string", "integer", "number", "boolean", "date", "timestamp")
WORDS = (
    *("order", "user", "timestamp", "date", "id", "count", "is", "has", "flag", "at", "ts", "dt", "temp", "qty", "amt"),
    *("cat", "dist", "num", "no", "n", "pct", "max", "avg", "cust", "price", "age", "kg"),
)
# Names that people give to columns, one between each two bars.
ODD = """
|_|__x__|價格|Ωμέγα|🚀|🚀 speed|№|½|m²|CO₂ (ppm)|100%|% full|$|€/kg|1|2nd|2nd visit|3D|2020|2020 sales|
|#|# of rooms|num of|number of|no of children|No. of children|n_rooms|no_show|customerID|
|HTTPStatusCode|iPhone|XMLHttp2Request|snake_case|SCREAMING_SNAKE|kebab-case|dotted.name|slash/name|
|back\\slash|quo"ted|it's|tab\tbed|line\nbreak|{{jinja}}|{% x %}|a,b|
|How satisfied are you with our service, on a scale of 1 to 10 (max)?|Date of Birth|date_of|
|Time of day|day of week|is at|is date|has id|is is member|is_has|is_|IsActive|hasCar|flag flag|
|flag_ts|ts_flag|ts yn|dt_dt|arr_dt|dep dt|signup date|signup_at|created_ts|timestamp id|
|customer id flag|order count flag|Temp (°C)|Temp °F|temp_c|weight_lbs|weight (kg)|t|l|weight lb kg|
|Length [mm]|speed km/h|price $|price ($)|Price per unit (USD)|amount eur|discount %|age (years)|
|age_yrs|hpa|age yr|Unnamed: 0|index|Column1|x|X1|y|V1|...1|..2|select|SELECT *|group by|left join|
|client client|clnt|cntry_ccy|usr id|uid|ident|lat|lng|stat stat|seq no|prd cat|trx_no|weight|
|length|temperature|Row Number|row_number|_id|id_|Id|ID|
"""
LONG = (
    *("a" * 80, "temp" * 20, "long_" * 30, "temperature " * 8),
    *(f"{'b' * 70} date", f"x {'c' * 70}", f"temperature_{'d' * 50}_at"),
)
COLUMNS = [
    *dict.fromkeys(name.strip("\n") for name in ODD.split("|")),
    *LONG,
    *WORDS,
    *(f"{first} {second}" for first in WORDS for second in ("id", "date", "at", "count", "flag", "ts", "is", "price")),
    *(f"{'very ' * 12}{word}" for word in WORDS),
]
# Reads columns, and a dataset for each type; prints the names that each column gets in it.
DRAFT = """
import json, sys
from {package}.platform.drafting.kinds import Kind
from {package}.platform.drafting.names import dataset_name, names
from {package}.platform.drafting.vocabulary import vocabulary
columns, datasets = json.load(sys.stdin)
words = vocabulary()
drafted = []
for kind, stem in datasets.items():
    dataset = dataset_name(stem, words)
    drafted.append((dataset, kind, list(names(dict.fromkeys(columns, Kind(kind)), dataset, words).values())))
print(json.dumps(drafted))
"""
# For each type, the stem of the file of a dataset in which all columns have it.
STEMS = ("order", "Sales 2024-Q1", "is members", "has_price", "Price " * 15, "2020 flag")
DATASETS = dict(zip(TYPES, STEMS, strict=True))


def contract(dataset: str, kind: str, names: list[tuple[str, bool]]) -> str:
    """Write a contract whose fields all have one type."""
    properties = [{"name": name, "logicalType": kind} for name, _ in names]
    return yaml.safe_dump({"kind": "DataContract", "schema": [{"name": dataset, "properties": properties}]})


@pytest.mark.slow
def test_drafted_names_follow_the_company_s_rules(
    tmp_path: Path, online: Machine, bake: Bake, builder: dict[str, str]
) -> None:
    project, machine = bake(), online.with_settings(**builder)
    draft, given = DRAFT.format(package="flight_delays"), json.dumps([COLUMNS, DATASETS])
    done = machine.run("uv", "run", "--quiet", "python", "-c", draft, cwd=project, typed=given)
    assert done.stderr == ""
    drafted = json.loads(done.stdout)
    assert [len(names) for _, _, names in drafted] == [len(set(COLUMNS))] * len(TYPES)
    contracts = {f"contracts/{kind}.odcs.yaml": contract(dataset, kind, names) for dataset, kind, names in drafted}
    found = run(repository(tmp_path / "checked", {**CLEAN, **contracts}), "check").findings
    broken = [finding for finding in found if re.search(r" SCH00[1-6] ", finding)]
    assert broken == []
    lacking = Counter(re.findall(r" SCH007 field '(\w+)'", "\n".join(found)))
    assert lacking == Counter(name for _, _, names in drafted for name, lacks_unit in names if lacks_unit)
    assert lacking
