import pytest
from lb.mutation import is_noticed, rate_of


@pytest.mark.parametrize(
    ("results", "rate"),
    [
        ([], 1.0),
        (["killed", "killed"], 1.0),
        (["killed", "survived", "survived", "killed"], 0.5),
    ],
)
def test_the_rate_is_what_the_tests_notice(results, rate):
    assert rate_of([{"result": result} for result in results]) == rate


def test_a_survivor_is_not_noticed():
    assert not is_noticed({"result": "survived"})
