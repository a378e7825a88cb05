"""Why a matter, or a bill, is not done in a run: sentences, short names, and the words
on the button that mends it."""

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

#: What a person reads, by reason code; ``%(…)s`` are figures of the row.
REASONS = {
    "archived": _lt("The matter is archived."),
    "not_billable": _lt("The matter is not billable."),
    "closed": _lt("The matter is closed for billing."),
    "excluded": _lt("The matter is billed by hand only."),
    "no_payer": _lt("Nobody is named who is billed: the matter has no client."),
    "draft_open": _lt(
        "There is a draft bill already; %(count)s entries of %(amount)s came besides "
        "it. Open the draft to add them, or approve it first."
    ),
    "draft_on_hold": _lt(
        "There is a draft bill already, and all entries besides it are on hold."
    ),
    "draft_after_cutoff": _lt(
        "There is a draft bill already, and all entries besides it are later than the "
        "cut-off."
    ),
    "draft_unticked": _lt(
        "There is a draft bill already, and all entries besides it are unticked."
    ),
    "draft_instalment": _lt(
        "There is a draft bill already: approve it before the instalment is billed."
    ),
    "after_cutoff": _lt("All entries are later than the cut-off."),
    "on_hold": _lt("All entries are on hold."),
    "unticked": _lt("All entries are unticked: they stay WIP this time."),
    "below_scope": _lt("%(amount)s is below the %(minimum)s of this run."),
    "too_young": _lt(
        "Its oldest entry is of %(age)s days; this run is of %(minimum)s and more."
    ),
    "no_instalment": _lt("Fixed fee, and no instalment is due."),
    "nothing_to_bill": _lt("There is nothing to bill."),
    "nothing_chargeable": _lt("All entries are no charge or hidden."),
    "below_minimum": _lt("%(amount)s is below the minimum bill of %(minimum)s."),
    "negative": _lt("The net is %(amount)s: issue a credit note."),
    "zero": _lt("The bill would be of 0.00. It can be made by hand."),
    "quote_used_up": _lt("The quote of %(quote)s is used up; %(above)s is above it."),
    "quote_below_disbursements": _lt(
        "The quote of %(quote)s is below the disbursements "
        "of %(disbursements)s paid for the client."
    ),
    "no_rate": _lt("%(count)s entries have no rate."),
    "no_exchange_rate": _lt(
        "There is no exchange rate for %(currency)s: Odoo would take it at 1:1."
    ),
    "no_account": _lt("%(product)s has no income account."),
    "account_archived": _lt(
        "The income account %(account)s of %(product)s is archived."
    ),
    "tax_archived": _lt(
        "The tax %(tax)s of %(product)s is archived: the bill would carry no tax."
    ),
    "tax_account_archived": _lt(
        "The account %(account)s that the tax %(tax)s is posted to is archived."
    ),
    "journal_archived": _lt("The bill journal %(journal)s is archived."),
    "receivable_archived": _lt(
        "The receivable account %(account)s of %(payer)s is archived."
    ),
    "payer_archived": _lt(
        "The payer %(payer)s is archived. Unarchive the contact, or choose another "
        "payer in the matter's billing options."
    ),
    "changed": _lt("Its WIP changed since it was shown."),
    "locked": _lt("Somebody else is working on it. Try again."),
    "wrong_stage": _lt("The bill is not in that stage any more."),
    "gone": _lt("The bill was deleted meanwhile."),
    "error": _lt("It failed."),
}

#: Short names of the reasons, for grouping and badges.
REASON_GROUPS = [
    ("archived", "Archived"),
    ("not_billable", "Not billable"),
    ("closed", "Closed for billing"),
    ("excluded", "By hand only"),
    ("no_payer", "Nobody to bill"),
    ("draft_open", "Draft is open"),
    ("after_cutoff", "After the cut-off"),
    ("on_hold", "On hold"),
    ("unticked", "Unticked"),
    ("below_scope", "Below this run's minimum"),
    ("too_young", "Too recent for this run"),
    ("no_instalment", "No instalment due"),
    ("nothing_to_bill", "Nothing to bill"),
    ("nothing_chargeable", "Nothing chargeable"),
    ("below_minimum", "Below the minimum"),
    ("negative", "Net is negative"),
    ("zero", "Adds up to zero"),
    ("quote_used_up", "Quote is used up"),
    ("quote_below_disbursements", "Quote below disbursements"),
    ("no_rate", "Entries without rate"),
    ("no_account", "No income account"),
    ("account_archived", "Income account is archived"),
    ("tax_archived", "Tax is archived"),
    ("tax_account_archived", "Account of the tax is archived"),
    ("journal_archived", "Bill journal is archived"),
    ("receivable_archived", "Receivable account is archived"),
    ("payer_archived", "Payer is archived"),
    ("no_exchange_rate", "No exchange rate"),
    ("changed", "Changed since shown"),
    ("locked", "Somebody else works on it"),
    ("wrong_stage", "Not in that stage"),
    ("gone", "Bill is gone"),
    ("no_recipient", "No recipient"),
    ("left_out", "Left out this time"),
    ("email", "E-mail cannot be sent"),
    ("other", "Other"),
]

#: Codes that differ in their sentence only, and the group that they belong to.
REASON_GROUP_OF = {
    "draft_on_hold": "draft_open",
    "draft_after_cutoff": "draft_open",
    "draft_unticked": "draft_open",
    "draft_instalment": "draft_open",
}

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

#: What the cure button of a row says; reasons without one open the matter.
CURES = {
    "left_out": "Put back",
    "archived": "Unarchive",
    "excluded": "Include",
    "draft_open": "Open draft",
    "on_hold": "Release entries",
    "unticked": "Tick all entries",
    "below_scope": "Show entries",
    "too_young": "Show entries",
    "no_exchange_rate": "Exchange rates",
    "no_account": "Set the account",
    "account_archived": "Open the account",
    "tax_archived": "Open the tax",
    "tax_account_archived": "Open the account",
    "journal_archived": "Open the journal",
    "receivable_archived": "Open the account",
    "payer_archived": "Open the payer",
    "locked": "Try again",
    "changed": "Look again",
    "no_payer": "Choose payer",
    "not_billable": "Make billable",
    "closed": "Reopen",
    "no_rate": "Show entries",
    "after_cutoff": "Show entries",
    "nothing_chargeable": "Show entries",
    "zero": "Show entries",
    "no_instalment": "Instalments",
    "below_minimum": "Minimum",
    "quote_used_up": "Decide",
    "quote_below_disbursements": "Quote",
}

#: Reasons in the firm's books, not in the matter: the row failed and wants mending.
MENDABLE = {
    "no_account",
    "account_archived",
    "tax_archived",
    "tax_account_archived",
    "journal_archived",
    "receivable_archived",
    "payer_archived",
    "no_exchange_rate",
}
