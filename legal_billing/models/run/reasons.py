"""Why a matter, or a bill, is not done in a run: one entry per reason."""

from dataclasses import dataclass

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


@dataclass(frozen=True)
class Reason:
    """Why a row is not done, in all that screens and runs say of it.

    To add one: an entry below, its code given by whoever finds it (the loader, the
    check of the books, a run), and the method of ``legal.billing.run.line`` that its
    button calls.
    """

    code: str
    #: what a person reads; ``%(…)s`` are figures of the row
    sentence: str = ""
    #: short name, for grouping and badges, of a reason that is a group of its own
    name: str = ""
    #: code of the reason that it is listed with; empty: a group of its own
    group: str = ""
    #: what the button says that mends it
    label: str = ""
    #: method of the row that the button calls; empty: it opens the matter
    cure: str = ""
    #: in the firm's books, not in the matter: the row failed and wants mending
    mendable: bool = False
    #: stored option of the matter that says so, and the values for which it does: no bill
    #: is made, whatever the work
    option: str = ""
    values: tuple = ()

    def holds_back(self, value):
        """Whether the option says so.

        :param value: as of a record, or as the database has it
        :rtype: bool
        """
        return (value or False) in self.values


#: All reasons, in the order in which their groups are listed.
ALL = (
    Reason(
        "archived",
        sentence=_lt("The matter is archived."),
        name="Archived",
        label=_lt("Unarchive"),
        cure="_cure_archived",
        option="active",
        values=(False,),
    ),
    Reason(
        "not_billable",
        sentence=_lt("The matter is not billable."),
        name="Not billable",
        label=_lt("Make billable"),
        option="is_billable",
        values=(False,),
    ),
    Reason(
        "closed",
        sentence=_lt("The matter is closed for billing."),
        name="Closed for billing",
        label=_lt("Reopen"),
        option="billing_status",
        values=("closed",),
    ),
    Reason(
        "excluded",
        sentence=_lt("The matter is billed by hand only."),
        name="By hand only",
        label=_lt("Include"),
        cure="_cure_excluded",
        option="exclude_from_mass_billing",
        values=(True,),
    ),
    Reason(
        "no_payer",
        sentence=_lt("This matter has no client, so there is nobody to bill."),
        name="Nobody to bill",
        label=_lt("Choose payer"),
        option="billing_partner_id",
        values=(False,),
    ),
    Reason(
        "draft_open",
        sentence=_lt(
            "There is a draft bill already; new entries that are not on it: %(count)s, "
            "%(amount)s. Open the draft to add them, or approve it first."
        ),
        name="Draft is open",
        label=_lt("Open draft"),
        cure="_open_draft",
    ),
    Reason(
        "draft_later",
        sentence=_lt(
            "There is a draft bill up to %(day)s already; entries after that: %(count)s, "
            "%(amount)s. Open the draft to move its cut-off and add them, or approve it "
            "first."
        ),
        group="draft_open",
    ),
    Reason(
        "draft_both",
        sentence=_lt(
            "There is a draft bill up to %(day)s already; new entries that are not on it: "
            "%(count)s, %(amount)s; later ones: %(later_count)s, %(later_amount)s. Open "
            "the draft to add them, or approve it first."
        ),
        group="draft_open",
    ),
    Reason(
        "draft_left_out",
        sentence=_lt(
            "There is a draft bill already, and all other entries were left out of it "
            "or wait for an instalment."
        ),
        group="draft_open",
    ),
    Reason(
        "draft_on_hold",
        sentence=_lt(
            "There is a draft bill already, and all other entries are on hold."
        ),
        group="draft_open",
    ),
    Reason(
        "draft_after_cutoff",
        sentence=_lt(
            "There is a draft bill already, and all other entries are "
            "later than the cut-off."
        ),
        group="draft_open",
    ),
    Reason(
        "draft_unticked",
        sentence=_lt(
            "There is a draft bill already, and all other entries are unticked."
        ),
        group="draft_open",
    ),
    Reason(
        "draft_instalment",
        sentence=_lt(
            "There is a draft bill already: approve it before the instalment is billed."
        ),
        group="draft_open",
    ),
    Reason(
        "after_cutoff",
        sentence=_lt("All entries are later than the cut-off."),
        name="After the cut-off",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "on_hold",
        sentence=_lt("All entries are on hold."),
        name="On hold",
        label=_lt("Release entries"),
        cure="_release_entries",
    ),
    Reason(
        "unticked",
        sentence=_lt("All entries are unticked: they stay WIP this time."),
        name="Unticked",
        label=_lt("Tick all entries"),
        cure="_tick_all",
    ),
    Reason(
        "below_scope",
        sentence=_lt("%(amount)s is below the %(minimum)s of this run."),
        name="Below this run's minimum",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "too_young",
        sentence=_lt(
            "Its oldest entry is %(age)s days old; this run takes %(minimum)s days and "
            "more."
        ),
        name="Too recent for this run",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "no_instalment",
        sentence=_lt("Fixed fee, and no instalment is due."),
        name="No instalment due",
        label=_lt("Instalments"),
    ),
    Reason(
        "nothing_to_bill",
        sentence=_lt("There is nothing to bill."),
        name="Nothing to bill",
    ),
    Reason(
        "nothing_chargeable",
        sentence=_lt("All entries are no charge or hidden."),
        name="Nothing chargeable",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "below_minimum",
        sentence=_lt("%(amount)s is below the minimum bill of %(minimum)s."),
        name="Below the minimum",
        label=_lt("Minimum"),
    ),
    Reason(
        "negative",
        sentence=_lt("The net is %(amount)s: issue a credit note."),
        name="Net is negative",
    ),
    Reason(
        "zero",
        sentence=_lt("The bill would come to 0.00. It can be made by hand."),
        name="Adds up to zero",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "quote_used_up",
        sentence=_lt("The quote of %(quote)s is used up; %(above)s is above it."),
        name="Quote is used up",
        label=_lt("Decide"),
        cure="_open_quote_excess",
    ),
    Reason(
        "quote_below_disbursements",
        sentence=_lt(
            "The quote of %(quote)s is below the disbursements of "
            "%(disbursements)s paid for the client."
        ),
        name="Quote below disbursements",
        label=_lt("Quote"),
    ),
    Reason(
        "cap_used_up",
        sentence=_lt("The cap of %(quote)s is used up; %(above)s is above it."),
        group="quote_used_up",
    ),
    Reason(
        "cap_below_disbursements",
        sentence=_lt(
            "The cap of %(quote)s is below the disbursements of "
            "%(disbursements)s paid for the client."
        ),
        group="quote_below_disbursements",
    ),
    Reason(
        "contingency_used_up",
        sentence=_lt(
            "The contingent fee of %(quote)s is billed; work of %(above)s came since. "
            "Write it off, or bill it by hand."
        ),
        name="Contingent fee is billed",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "waits_for_outcome",
        sentence=_lt(
            "Contingent fee: it waits for the outcome. Enter percentage and outcome in "
            "the matter's billing options when they are known."
        ),
        name="Waits for the outcome",
        label=_lt("Enter the outcome"),
    ),
    Reason(
        "arrangement_incomplete",
        sentence=_lt(
            "The amount of its fee arrangement is missing: cap, blended rate or "
            "subscription fee. Enter it in the matter's billing options."
        ),
        name="Arrangement without amount",
        label=_lt("Enter the amount"),
    ),
    Reason(
        "included",
        sentence=_lt(
            "All of it is included in a subscription period that is billed. It goes with "
            "the next period."
        ),
        name="Included in the subscription",
    ),
    Reason(
        "no_rate",
        sentence=_lt("%(count)s entries have no rate."),
        name="Entries without rate",
        label=_lt("Show entries"),
        cure="action_open_entries",
    ),
    Reason(
        "no_account",
        sentence=_lt("%(product)s has no income account."),
        name="No income account",
        label=_lt("Set the account"),
        cure="_open_product",
        mendable=True,
    ),
    Reason(
        "account_archived",
        sentence=_lt("The income account %(account)s of %(product)s is archived."),
        name="Income account is archived",
        label=_lt("Open the account"),
        cure="_open_income_account",
        mendable=True,
    ),
    Reason(
        "no_tax",
        sentence=_lt(
            "%(product)s has no tax, though the company's default is %(tax)s. Give it "
            "the tax, or say that it carries none: on the product, or for all fees in "
            "the settings."
        ),
        name="Fees without tax",
        label=_lt("Open the product"),
        cure="_open_product",
        mendable=True,
    ),
    Reason(
        "tax_included",
        sentence=_lt(
            "The tax %(tax)s of %(product)s is included in the price, and WIP is net of "
            "tax. Choose one that is added to the price."
        ),
        name="Tax is included in the price",
        label=_lt("Open the product"),
        cure="_open_product",
        mendable=True,
    ),
    Reason(
        "tax_archived",
        sentence=_lt(
            "The tax %(tax)s of %(product)s is archived: the bill would carry no tax."
        ),
        name="Tax is archived",
        label=_lt("Open the tax"),
        cure="_open_tax",
        mendable=True,
    ),
    Reason(
        "tax_account_archived",
        sentence=_lt(
            "The account %(account)s that the tax %(tax)s is posted to is archived."
        ),
        name="Account of the tax is archived",
        label=_lt("Open the account"),
        cure="_open_tax_account",
        mendable=True,
    ),
    Reason(
        "journal_archived",
        sentence=_lt("The bill journal %(journal)s is archived."),
        name="Bill journal is archived",
        label=_lt("Open the journal"),
        cure="_open_journal",
        mendable=True,
    ),
    Reason(
        "receivable_archived",
        sentence=_lt("The receivable account %(account)s of %(payer)s is archived."),
        name="Receivable account is archived",
        label=_lt("Open the account"),
        cure="_open_receivable",
        mendable=True,
    ),
    Reason(
        "payer_archived",
        sentence=_lt(
            "The payer %(payer)s is archived. Unarchive the contact, or choose "
            "another payer in the matter's billing options."
        ),
        name="Payer is archived",
        label=_lt("Open the payer"),
        cure="_open_payer",
        mendable=True,
    ),
    Reason(
        "no_exchange_rate",
        sentence=_lt(
            "There is no exchange rate for %(currency)s: Odoo would take it at 1:1."
        ),
        name="No exchange rate",
        label=_lt("Exchange rates"),
        cure="_open_currency",
        mendable=True,
    ),
    Reason(
        "changed",
        sentence=_lt("Its WIP changed since it was shown."),
        name="Changed since shown",
        label=_lt("Look again"),
        cure="action_retry",
    ),
    Reason(
        "locked",
        sentence=_lt("Somebody else is working on it. Try again."),
        name="Somebody else works on it",
        label=_lt("Try again"),
        cure="action_retry",
    ),
    Reason(
        "wrong_stage",
        sentence=_lt("The bill is not in that stage any more."),
        name="Not in that stage",
    ),
    Reason(
        "gone",
        sentence=_lt("The bill was deleted meanwhile."),
        name="Bill is gone",
    ),
    Reason(
        "taken_out",
        sentence=_lt("The matter was taken out of its bill. It can be billed again."),
        group="other",
    ),
    Reason(
        "error",
        sentence=_lt("It failed."),
        group="other",
    ),
    Reason(
        "no_recipient",
        name="No recipient",
    ),
    Reason(
        "left_out",
        sentence=_lt("Left out by hand: not this time."),
        name="Left out this time",
        label=_lt("Put back"),
        cure="_put_back",
    ),
    Reason(
        "email",
        name="It cannot be sent",
    ),
    Reason(
        "network",
        name="Network or post refused it",
    ),
    Reason(
        "other",
        name="Other",
    ),
)
REASONS = {reason.code: reason for reason in ALL}
#: Those that an option of the matter says by itself; the first that holds counts.
REASONS_OF_OPTIONS = [reason for reason in ALL if reason.option]
#: Groups of reasons, as a selection.
GROUPS = [(reason.code, reason.name) for reason in ALL if not reason.group]


def get_group(code):
    """The group in which a reason is listed.

    :param str code: of a reason, or a text that a failure left; or False
    :return: code of a group; False for none
    :rtype: str | bool
    """
    if not code:
        return code
    reason = REASONS.get(code)
    return (reason.group or code) if reason else "other"


#: States of rows that need somebody.
BAD_STATES = ("excluded", "skipped", "failed")

#: Colours of the states, the same everywhere.
STATE_TONES = {
    "ready": "secondary",
    "excluded": "warning",
    "queued": "info",
    "done": "success",
    "skipped": "warning",
    "failed": "danger",
}
