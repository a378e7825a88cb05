import pytest
from lb.walk import read_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("3", [3]), ("1-4", [1, 2, 3, 4]), ("1-2,9", [1, 2, 9]), (7, [7])],
)
def test_seeds_are_numbers_and_ranges(text, seeds):
    assert read_seeds(text) == seeds


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="invalid literal"):
        read_seeds("one")
