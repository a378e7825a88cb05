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

    def __init__(self, run):
        self.run = run
        self.env = run.env

    def do(self, lines):
        """Do it for these rows and write how each ended. What raises is done again for
        halves of the rows.

        :param legal.billing.run.line lines: of one company, locked
        """
        raise NotImplementedError

    def finish(self):
        """After the last row of the run."""
