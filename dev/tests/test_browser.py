import pytest
from lb.browser import table
from lb.browser.pages import PAGES, QUICK, get_acts, get_edits


def find(milliseconds, calls=1):
    return {"ms": milliseconds, "bytes": 2000, "calls": [["read", 5, 900]] * calls}


FIRM = {
    "browser": {
        "size": 10000,
        "bundle": {
            "backend": {"scripts": 60_000, "templates": 70_000, "styles": 9_000},
            "lazy": {"scripts": 1_000},
            "compressed": 30_000,
            "all": 4_000_000,
        },
    }
}


def test_keys_are_unique_and_ours_are_beside_odoos():
    every = [act for page in PAGES for act in (page.opened, *page.edits)]
    acts = get_acts()
    assert len(acts) == len(every)
    for act in every:
        assert bool(act.beside) != act.name.startswith("Odoo: ")
        if act.beside:
            assert not acts[act.beside].beside
            assert (act.key in get_edits()) == (act.beside in get_edits())


def test_the_median_stands_for_the_rounds():
    rounds = [find(100), find(900, calls=3), find(120)]
    assert table.get_middle(rounds) == {"ms": 120, "kb": 2, "calls": 1}


@pytest.mark.parametrize(
    ("key", "milliseconds", "met"),
    [
        ("bills", 100, True),
        ("bills", 104, True),
        ("bills", 106, False),
        ("bills_tick", QUICK, True),
        ("bills_tick", QUICK + 1, False),
    ],
)
def test_pages_are_held_against_odoos_and_edits_against_the_goal(
    key, milliseconds, met
):
    beside = get_acts()[key].beside
    middles = {key: {"ms": milliseconds}, beside: {"ms": 100}}
    assert table.is_met(key, middles, beside) == met


def test_the_page_says_what_is_met_and_what_the_server_was_asked():
    found = {
        "invoices": [find(100)],
        "bills": [find(90, calls=2)],
        "drafts": [find(300)],
    }
    text = table.make_page(found, FIRM, 1, "2 cores")
    assert "| Bills | 90 | 2 | 2 | Odoo: Invoices | 100 | 2 | ≤ beside | met |" in text
    assert "| Draft Bills | 300 | 1 | 2 |" in text
    assert text.count("**missed**") == 1
    assert "| all: goal ≤ 150, met | 139.0 |" in text
    assert "- Bills: `read` 5, `read` 5\n" in text
    assert "10,000 rows" in text


def test_a_part_that_is_too_large_is_said():
    large = FIRM["browser"]["bundle"] | {"backend": {"scripts": 150_001}}
    firm = {"browser": FIRM["browser"] | {"bundle": large}}
    assert "≤ 150, **missed**" in table.make_page({}, firm, 1, "")
