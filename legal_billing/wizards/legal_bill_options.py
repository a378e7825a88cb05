"""The name under which the models know the options of a bill's window."""

from .bill.legal_bill_options import OPTIONS

__all__ = ["OPTIONS"]
