"""The company's names for the columns of others."""

import pytest
from flight_delays.platform.drafting.kinds import Kind
from flight_delays.platform.drafting.names import dataset_name, name_of, names
from flight_delays.platform.drafting.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("column", "kind", "name", "lacks_unit"),
    [
        ("Customer Name", "string", "customer_name", False),
        ("customerID", "integer", "customer_id", False),
        ("HTTPStatus", "integer", "http_status", False),
        ("Bill Length (mm)", "number", "bill_length_mm", False),
        ("Temp (°C)", "number", "temperature_celsius", False),
        ("Temp", "number", "temperature", True),
        ("Größe [m]", "number", "groesse_meters", False),
        ("price $", "number", "price_usd", False),
        ("weight_lbs", "integer", "weight_lbs", False),
        ("qty", "integer", "quantity", False),
        ("num_rooms", "integer", "room_count", False),
        ("Number of Cities", "integer", "city_count", False),
        ("num", "integer", "count", False),
        ("order", "string", "shop_order", False),
        ("2nd visit", "date", "second_visit_date", False),
        ("2020 sales", "integer", "no_2020_sales", False),
        ("signup_ts", "timestamp", "signup_at", False),
        ("Date of Birth", "date", "birth_date", False),
        ("timestamp", "timestamp", "recorded_at", False),
        ("date", "date", "observation_date", False),
        ("Churn", "boolean", "is_churn", False),
        ("active_flag", "boolean", "is_active", False),
        ("has_car", "boolean", "has_car", False),
        ("is_member", "integer", "member_is_value", False),
        ("arrival_date", "string", "arrival_date_text", False),
        ("age", "integer", "age", True),
        ("no_show", "integer", "no_show", False),
        ("No. of children", "integer", "children_count", False),
        ("num_status", "integer", "status_count", False),
        ("Temp °C", "number", "temperature_celsius", False),
        ("Signup Date", "boolean", "is_signup_date_value", False),
        ("is_updated", "timestamp", "updated_at", False),
        ("date flag", "date", "observation_date", False),
        ("timestamp", "string", "timestamp", False),
        ("is", "string", "column_is_value", False),
        ("flag", "boolean", "is_true", False),
        (f"{'very ' * 20}old", "timestamp", f"{'very_' * 12}at", False),
        ("price " + "x" * 80, "integer", "price_" + "x" * 57, True),
        ("  ", "string", "unnamed", False),
        ("价格", "number", "unnamed", False),
        ("a" * 80, "string", "a" * 63, False),
    ],
)
def test_a_column_gets_the_name_that_the_company_would_give_it(
    column: str, kind: str, name: str, *, lacks_unit: bool
) -> None:
    assert name_of(column, Kind(kind), "shop", vocabulary()) == (name, lacks_unit)


def test_two_columns_never_get_the_same_name() -> None:
    columns = {name: Kind("number") for name in ("Length (mm)", "length_mm", "LengthMM", "a b", "a-b")}
    found = [named.name for named in names(columns, "t", vocabulary()).values()]
    assert found == ["length_mm", "length_2_mm", "length_3_mm", "a_b", "a_b_2"]


def test_a_long_name_keeps_its_number() -> None:
    columns = {"a" * length: Kind("number") for length in (70, 80)}
    found = [named.name for named in names(columns, "t", vocabulary(), ["a" * 63]).values()]
    assert found == [f"{'a' * 61}_2", f"{'a' * 61}_3"]


def test_a_dataset_is_named_after_its_file() -> None:
    assert [dataset_name(stem, vocabulary()) for stem in ("Sales 2024-Q1", "order", "flight-data")] == [
        "sales_2024_q1",
        "table_order",
        "flight_data",
    ]
