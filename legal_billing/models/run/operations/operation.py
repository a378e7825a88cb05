from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """What the window says that asks before bills are worked on; ``%(count)s`` of bills."""

    title: str
    #: on the button, where nothing stands against any of them
    button: str
    #: on the button, where something stands against some
    rest: str
    #: above what stands against those
    refused: str
    #: the button is red
    is_danger: bool = False


class Operation:
    """A bulk operation of one run.

    :param legal.billing.run run: as its worker: the person who started it, with billing's
        rights
    """

    #: of ``legal.billing.run.operation``
    key = ""
    label = ""
    #: who may; the first is named in the refusal
    roles = ("biller", "manager")
    #: of the bills that it is for; none: it is for matters
    stages = ()
    #: raised in a request when every row failed
    error = None
    #: the page that shows what came of it
    page = ""
    #: field of a row that holds what is worked on, and locked
    subject = "bill_id"
    #: the bills of several payers go this way together: a row stands for all of them
    is_of_sets = False
    #: what people are asked before, in the window; none: nobody is asked
    question = None
    #: rows that are done in a moment: so many are done while the window waits, and so
    #: many at a time while a person looks at the run's page
    step = 10

    # --- before there is a run

    @classmethod
    def get_problems(cls, bills, invoice_date=None):
        """What stands against it, for the window to show; the operation refuses it again.

        :param account.move bills: in a stage for it
        :param date invoice_date: that the bills are to get, where the window asks for one
        :return: ``{bill: sentences}``
        :rtype: dict
        """
        return {}

    @classmethod
    def sort(cls, bills):
        """The same bills, in the order in which they are worked off.

        :rtype: account.move
        """
        return bills

    # --- in a run

    def __init__(self, run):
        self.run = run
        self.env = run.env

    def do(self, lines):
        """Do it for these rows and write how each ended. What raises is done again for
        halves of the rows.

        :param legal.billing.run.line lines: of one company, locked
        """
        raise NotImplementedError

    def _skip_stale(self, lines):
        """Skip rows whose bill left the stages of this operation since they were queued.

        :return: the other rows
        :rtype: legal.billing.run.line
        """
        stale = lines.filtered(
            lambda line: line.bill_id.billing_stage not in self.stages
        )
        stale._set_result("skipped", "wrong_stage")
        return lines - stale

    def finish(self):
        """After the last row of the run."""
