"""The comparison of Odoo's own suites as a page of Markdown."""


def page(before, after, new, unsteady, lost, missing):
    """Return docs/core_suites.md.

    :param Outcome before: without the addon
    :param Outcome after: with it
    :param list new: names of the tests that fail with the addon only
    :param dict unsteady: those that did and are not explained by it: how often they
        failed when run again, without it and with it
    :param list lost: names of those that ran without it only
    :param dict missing: parts that did not run both ways yet, and what is known
    """

    def count(outcome, module):
        run = sum(name.startswith(f"{module}.") for name in outcome.started)
        bad = sum(name.startswith(f"{module}.") for name in outcome.failed)
        return f"{run} | {bad}"

    rows = "\n".join(
        f"| {module} | {count(before, module)} | {count(after, module)} |"
        for module in before.suites
    )
    both = sorted(set(before.failed) & set(after.failed))
    cured = sorted(set(before.failed) - set(after.failed))

    def listed(names):
        return "\n".join(f"- `{name}`" for name in names) or "None."

    again = "\n".join(
        f"- `{name}`: failed {without} times without, {with_} times with the addon"
        for name, (without, with_) in unsteady.items()
    )
    state = ""
    if missing:
        files = "\n".join(
            f"- {part.replace(',', ', ')}: {words or 'did not run'}"
            for part, words in missing.items()
        )
        state = f"""
## Not compared yet

Parts that did not run both ways; `make core-tests` goes on with them.

{files}
"""
    return f"""# Odoo's own suites with the addon installed

`make core-tests` runs the suites of {", ".join(before.suites)} on two databases: one
without the addon, one with it (`sale_timesheet` beside it in both), and compares them
by the name of the test. Tests tagged `at_install` are left out: Odoo runs them on
installing their module, before the addon exists. The suites run in parts of some test
files; an interrupted command goes on with the part it was at, `dev/odoo core-tests
--jobs 2` runs two at once.

| suite | tests without | failing | tests with | failing |
| --- | ---: | ---: | ---: | ---: |
{rows}
| all, as Odoo counts | {before.run} | {len(before.failed)} | {after.run} | {
        len(after.failed)
    } |

The parts of the first run took {before.seconds // 60} minutes together, those of the
second {after.seconds // 60}.

## Failing with the addon only

{listed(new)}

## Failed with the addon, and do not depend on it

Run again alone they passed each time with it, or fail now and then without it too: some
tours do not wait for the page.

{again or "None."}

## Not run with the addon

{listed(lost)}

## Failing both ways

They need the network, or older libraries than those of `dev/requirements.txt`.

{listed(both)}

## Failing without the addon only

{listed(cured)}
{state}"""
