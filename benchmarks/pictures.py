"""Pictures of the figures, where matplotlib is there."""

import report

#: Colours of the steps of an evening, told apart in grey as well.
SHADES = ("#01665e", "#35978f", "#80cdc1", "#dfc27d")


def get_pyplot():
    """What draws, or ``None``."""
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "legal_billing"
    from matplotlib import pyplot

    return pyplot


def plot(figures, path):
    """Bars: each figure as a share of its goal; where matplotlib is there."""
    pyplot = get_pyplot()
    if not pyplot:
        return
    rows = [
        (
            report.get_sentence(figures, scenario, text).replace("`", ""),
            report.get_measured(figures, scenario, name) / goal,
        )
        for scenario, name, goal, text in reversed(report.GOALS)
        if report.get_measured(figures, scenario, name) is not None
    ]
    figure, axes = pyplot.subplots(figsize=(9, 0.4 * len(rows) + 1))
    axes.barh(
        [text for text, _share in rows],
        [share for _text, share in rows],
        color=["#35978f" if share <= 1 else "#bf812d" for _text, share in rows],
    )
    axes.axvline(1, color="#444", linewidth=1)
    axes.set_xlabel("share of what the goal allows")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def plot_evening(figures, path):
    """Stacked bars: where the time of a bill goes, ours beside core's."""
    pyplot = get_pyplot()
    part = figures.get("evening", {})
    if not (pyplot and part):
        return
    names = report.get_evening_names(part)
    figure, axes = pyplot.subplots(figsize=(9, 0.5 * len(names) + 1.2))
    labels = list(reversed(names.values()))
    left = [0.0] * len(names)
    for shade, step in zip(SHADES, part["ms"]["ours"], strict=True):
        widths = [part["ms"][name][step] for name in reversed(names)]
        axes.barh(labels, widths, left=left, color=shade, label=step)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    for label, total in zip(labels, left, strict=True):
        axes.text(total, label, f" {total:.0f}", va="center")
    axes.set_xlim(0, 1.08 * max(left))
    axes.set_xlabel(f"ms a bill of {part['lines']} entries, from work to sent e-mail")
    axes.legend(loc="upper right", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
