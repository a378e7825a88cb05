import json
import os
from pathlib import Path

from odoo.fields import Command
from odoo.tests import tagged

from . import judges
from .einvoice_common import FORMATS, EinvoiceCommon

BILLS = (
    "fees",
    "agent disbursement",
    "taxed disbursement",
    "percent discount",
    "fixed discount",
    "agreed fee",
    "instalment",
    "credit in full",
    "credit in part",
    "reverse charge",
    "zero-rated",
    "foreign currency",
    "hours by timekeeper",
    "hours, agreed fee",
    "names its payers",
    "on account",
    "less on account",
    "several matters",
)


class RulesCommon(EinvoiceCommon):
    def assertGood(self, bills):
        """Odoo's checks and all judges let the bills through, in every format.

        :return: ``{(bill, format): xml}``
        """
        found, wrong = {}, []
        for name, bill in bills.items():
            for kind in FORMATS:
                found[name, kind], errors = self._render(bill, kind)
                wrong += [f"{name}, {kind}: Odoo: {error}" for error in errors]
        verdicts = judges.judge_all([(kind, found[_n, kind]) for _n, kind in found])
        for (name, kind), verdict in zip(found, verdicts, strict=True):
            wrong += [f"{name}, {kind}: {text}" for text in verdict]
        self.assertFalse(wrong, "\n".join(wrong))
        return found


@tagged("post_install", "-at_install")
class TestEinvoiceRules(RulesCommon):
    """E-invoices before those who judge them; all makes of bills are held against them
    by `dev/odoo einvoices`."""

    def test_what_is_made_is_accepted(self):
        self.assertGood(
            self._make_bills(
                "agent disbursement",
                "hours, agreed fee",
                "credit in part",
                "several matters",
                "names its payers",
            )
        )

    def test_what_is_broken_is_refused_by_judge_and_before(self):
        self.client.with_company(self.company).invoice_edi_format = "facturx"
        bill = self._make_with(self.taxed_type)
        self.assertFalse(bill._get_einvoice_problems())
        # a line without tax: Factur-X has no category for it
        self._as(bill, "biller").invoice_line_ids = [
            Command.create(
                {
                    "name": "Copies",
                    "price_unit": 10.0,
                    "tax_ids": [Command.clear()],
                    "account_id": bill.invoice_line_ids[0].account_id.id,
                }
            )
        ]
        problems = bill._get_einvoice_problems()
        self.assertRegex(" ".join(problems[bill]), "tax")
        self._approve(bill)
        lame, errors = self._render(bill, "facturx")
        self.assertTrue(errors)
        # no address on the network
        self.client.write(
            {"peppol_eas": False, "peppol_endpoint": False, "email": False}
        )
        lost, _errors = self._render(self._approve(self._make()), "bis3")
        verdicts = judges.judge_all([("facturx", lame), ("bis3", lost)])
        self.assertRegex(" ".join(verdicts[0]), "CO-04")
        self.assertRegex(" ".join(verdicts[1]), "R010")


@tagged("-standard", "-at_install", "post_install", "legal_billing_einvoices")
class TestEinvoiceMatrix(RulesCommon):
    """Every make of bill in every format; `LEGAL_BILLING_EINVOICES` names a folder that
    the files are written to, with their verdicts."""

    def test_all_makes_of_bills_in_all_formats(self):
        found = self.assertGood(self._make_bills(*BILLS))
        folder = os.environ.get("LEGAL_BILLING_EINVOICES")
        if folder:
            rows = {}
            for (name, kind), xml in found.items():
                file = f"{name.replace(', ', '_').replace(' ', '_')}_{kind}.xml"
                (Path(folder) / file).write_bytes(xml)
                rows.setdefault(name, {})[kind] = file
            (Path(folder) / "verdicts.json").write_text(json.dumps(rows))
