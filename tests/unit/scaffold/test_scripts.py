import yaml
from hypothesis import given
from hypothesis import strategies as st

from mergegate.dag import yaml12
from mergegate.scaffold.scripts import flow_scalar

PRINTABLE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


@given(PRINTABLE)
def test_any_text_is_read_back_by_both_versions_of_yaml_inside_of_brackets(text: str) -> None:
    written = f"key: [{flow_scalar(text)}]\n"
    assert yaml.safe_load(written) == {"key": [text]}
    assert yaml12.load(written) == {"key": [text]}


def test_what_people_write_stays_plain() -> None:
    for text in ("main", "release/2.1", "python -m pytest -q", "services/scoring", "make test"):
        assert flow_scalar(text) == text


def test_what_a_reader_would_take_for_something_else_is_quoted() -> None:
    for text in ("", "no", "1e3", "012", "1.5", "a: b", "x #y", "-x", "a, b", "{a}", "null", "12:30"):
        assert flow_scalar(text).startswith('"')
