"""Time, queries and memory of a piece of work, everything written down."""

import gc
import resource
import time
from statistics import median


def timed(env, work):
    """Run the work on cold records, up to what a commit would still do.

    :return: seconds, queries, result
    """
    env.cr.flush()
    env.invalidate_all()
    gc.collect()
    queries = env.cr.sql_log_count
    start = time.perf_counter()
    result = work()
    env.cr.flush()
    return time.perf_counter() - start, env.cr.sql_log_count - queries, result


def middle(rounds, count):
    """Medians per record of what rounds found.

    :param list rounds: ``{name: (seconds, queries)}`` each
    :param int count: records of a round
    :return: ``{name: {"ms": …, "queries": …}}``
    """
    return {
        name: {
            "ms": 1000 * median(found[name][0] for found in rounds) / count,
            "queries": median(found[name][1] for found in rounds) / count,
        }
        for name in rounds[0]
    }


def ratio(rounds, ours, core):
    """Median of the rounds' own ratios: both sides of a round met the same load."""
    return median(found[ours][0] / found[core][0] for found in rounds)


def peak_memory():
    """Most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
