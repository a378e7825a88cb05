"""Errors that a person can act on.

Every class is a ``UserError``: Odoo shows it as a plain warning (the web client knows
these classes by name, see ``static/src/core/error_dialogs.js``). A message names the
records, the reason and the way out; where several records offend, one error names all.
"""

from odoo.exceptions import UserError


class LegalBillingError(UserError):
    """Base of every refusal of this addon."""


class RoleError(LegalBillingError):
    """The user lacks the billing role that the action needs."""


class EntryLockedError(LegalBillingError):
    """A WIP entry is on a bill and may not be changed that way."""


class ProtectedFieldError(LegalBillingError):
    """A field that only the billing actions write was written directly."""


class MatterOptionError(LegalBillingError):
    """A billing option contradicts the matter's WIP, bills or other options."""


class BillStageError(LegalBillingError):
    """A bill is not in the stage that the action needs."""


class ApprovalError(LegalBillingError):
    """Bills cannot be approved: locked period, limit, configuration."""


class UndoError(LegalBillingError):
    """A bill cannot be deleted, reverted or credited the way that was asked."""


class WriteOffError(LegalBillingError):
    """A balance cannot be written off, or a write-off taken back, as was asked."""


class DisputeError(LegalBillingError):
    """A dispute cannot be noted or ended as was asked."""


class StatementError(LegalBillingError):
    """There is nothing to state, or nobody to send it to."""


class LayoutError(LegalBillingError):
    """A bill template cannot be copied or changed as was asked."""


class ProduceError(LegalBillingError):
    """A bill cannot be produced: no address, broken template, failed delivery."""


class BillingRunError(LegalBillingError):
    """A billing run cannot do what was asked in its present state."""


class ConfigurationError(LegalBillingError):
    """An account, tax, journal or product that billing needs is missing or unfit."""


class PaymentError(LegalBillingError):
    """A payment cannot be spread or posted as it stands."""


class PaymentGuardError(LegalBillingError):
    """An entry of a payment may not be changed behind the payment's back."""


class CreditError(LegalBillingError):
    """Money or credit of one matter would serve another one."""


class ReversalError(LegalBillingError):
    """A payment cannot be reversed: used, matched with the bank, reversed before."""


class TrustError(LegalBillingError):
    """A rule of client money stands against what was asked."""


class TrustBalanceError(TrustError):
    """A matter's client money does not suffice, now or at a later date."""


class TrustBillError(TrustError):
    """Client money cannot pay this bill: not delivered, another matter's, too much."""


class TrustLockedError(TrustError):
    """A posted movement of client money may only be reversed."""


class TrustApprovalError(TrustError):
    """A second person has to post this movement of client money."""


class RequestError(LegalBillingError):
    """Money cannot be asked for, sent or cancelled as was asked."""
