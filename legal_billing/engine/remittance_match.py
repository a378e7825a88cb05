"""Which bill a line of a remittance means, and why."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .bill_number import parse_number
from .remittance import LONGEST_NUMBER, RemittanceLine
from .remittance_amount import number_key, parse_amount

Why = Literal["number", "reference", "client_reference", "digits", ""]

#: Shorter references of clients are words and figures of every kind.
SHORTEST_REFERENCE = 4


@dataclass(frozen=True, slots=True)
class OpenBill:
    """An open bill as a remittance sees it.

    :param references: what clients are asked to quote, as printed
    :param client_references: what the client calls it
    :param parties: ids of those who may pay it: payer, client
    """

    id: int
    number: str
    references: tuple[str, ...] = ()
    client_references: tuple[str, ...] = ()
    parties: frozenset[int] = frozenset()
    outstanding: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Match:
    """What a line means.

    :param bill: ``None`` if there is none, or several
    :param why: what on the line says so
    :param candidates: the bills that it may mean, if there are several
    :param is_others: the bill is not one of who pays
    """

    bill: OpenBill | None = None
    why: Why = ""
    candidates: tuple[OpenBill, ...] = ()
    is_others: bool = False


class BillIndex:
    """Open bills by everything that payers write of them.

    >>> bill = OpenBill(7, "INV/2026/00229", ("RF05 INV0 0066 8",))
    >>> index = BillIndex([bill])
    >>> [index.find([text]).why for text in
    ...     ("inv/2026/ 00229", "rf05inv000668.", "00229", "229", "228")]
    ['number', 'reference', 'digits', 'digits', '']
    """

    def __init__(self, bills: Iterable[OpenBill]):
        self.bills = list(bills)
        self.known: dict[str, set[str]] = {}
        self._full: dict[Why, dict[str, list[OpenBill]]] = {
            "number": defaultdict(list),
            "reference": defaultdict(list),
            "client_reference": defaultdict(list),
        }
        self._digits: dict[str, list[OpenBill]] = defaultdict(list)
        for bill in self.bills:
            self._add("number", bill.number, bill)
            for reference in bill.references:
                self._add("reference", reference, bill)
            for reference in bill.client_references:
                if self._is_telling(reference):
                    self._add("client_reference", reference, bill)
            for key in self._get_endings(bill.number):
                self._digits[key].append(bill)

    def _add(self, why: Why, text: str, bill: OpenBill):
        key = number_key(text or "")
        if not re.search("[0-9]", key):
            return
        if bill not in self._full[why][key]:
            self._full[why][key].append(bill)
        self.known.setdefault(key, set()).add(text.strip().upper())

    @staticmethod
    def _is_telling(reference: str) -> bool:
        """Whether a client's reference tells a bill: not a mere figure or amount."""
        amount = parse_amount(reference or "")
        return len(number_key(reference or "")) >= SHORTEST_REFERENCE and not (
            amount and not amount.is_plain
        )

    @staticmethod
    def _get_endings(number: str) -> set[str]:
        """Parts of a number that payers write instead of all of it."""
        runs = re.findall("[0-9]+", number or "")
        if not runs:
            return set()
        last = str(parse_number(number)[1])
        letters = re.match("[A-Z]*", number_key(number))[0]
        ends = {last, runs[-1], letters + last, letters + runs[-1]}
        if len(runs) > 1:
            ends |= {runs[-2] + last, runs[-2] + runs[-1], "".join(runs)}
        return ends - {number_key(number)}

    def find(self, numbers: Iterable[str], payers: frozenset[int] = frozenset()):
        """Return the bill that these numbers mean.

        A whole number goes before a reference, and that before the client's; last
        digits count where one open bill of who pays ends with them.

        :param numbers: of one line, as printed
        :param payers: ids of who pays; without, all bills are looked at
        """
        keys = [number_key(number) for number in numbers]
        for why in ("number", "reference", "client_reference"):
            found = self._gather(self._full[why], keys)
            if len(found) > 1:  # a reference per client names all his bills
                found = [bill for bill in found if self._is_of(bill, payers)] or found
            if found:
                return self._decide(found, why, payers)
        # one digit among other things counts lines or copies
        ends = [key for key in keys if len(keys) == 1 or len(key) > 1]
        found = self._gather(self._digits, ends)
        own = [bill for bill in found if self._is_of(bill, payers)]
        return self._decide(own or found, "digits", payers) if found else Match()

    def _gather(self, index, keys) -> list[OpenBill]:
        return list(
            {bill.id: bill for key in keys for bill in index.get(key, ())}.values()
        )

    @staticmethod
    def _is_of(bill: OpenBill, payers: frozenset[int]) -> bool:
        return not payers or bool(bill.parties & payers)

    def _decide(self, found: list[OpenBill], why: Why, payers) -> Match:
        if len(found) > 1:
            return Match(None, why, tuple(found))
        return Match(found[0], why, (), not self._is_of(found[0], payers))

    def match(self, line: RemittanceLine, payers: frozenset[int] = frozenset()):
        """Return the bill that a line means. A figure in a sentence without an amount
        (*page 7*) is no bill's last digits."""
        found = self.find(line.numbers, payers)
        is_prose = not (line.is_bare or line.used or line.unread)
        return Match() if found.why == "digits" and is_prose else found


def spellings(numbers: Iterable[str]) -> set[str]:
    """Return how the numbers of a line may be stored: for bills that are closed.

    >>> sorted(spellings(["inv/2026/", "00229"]))
    ['00229', 'INV/2026/', 'INV/2026/ 00229', 'INV/2026/00229']
    """
    words = [number.strip().upper() for number in numbers]
    found = set()
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + LONGEST_NUMBER) + 1):
            found |= {"".join(words[start:end]), " ".join(words[start:end])}
    return found
