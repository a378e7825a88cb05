from datetime import date

from odoo.fields import Command

from odoo.addons.legal_billing.tests.common import LegalBillingCommon

FORMATS = {
    "bis3": "account.edi.xml.ubl_bis3",
    "xrechnung": "account.edi.xml.ubl_de",
    "facturx": "account.edi.xml.cii",
}
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ram": "urn:un:unece:uncefact:data:standard:"
    "ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}


class EinvoiceCommon(LegalBillingCommon):
    """A German firm and its clients, and bills of every make."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.env.ref("base.EUR")
        cls.dollar = cls.env.ref("base.USD")
        (cls.euro | cls.dollar).active = True
        cls.company.currency_id = cls.euro
        rates = cls.env["legal.rate"].search([("company_id", "=", cls.company.id)])
        rates.currency_id = cls.euro
        cls.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": cls.dollar.id,
                "company_id": cls.company.id,
                "rate": 1.25,
            }
        )
        germany = cls.env.ref("base.de")
        cls.company.write({"country_id": germany.id, "vat": "DE123456788"})
        cls.company.partner_id.write(
            {
                "name": "Kanzlei am Markt",
                "street": "Markt 1",
                "zip": "50667",
                "city": "Köln",
                "country_id": germany.id,
                "vat": "DE123456788",
                "phone": "+49 221 123456",
                "email": "office@kanzlei.example",
                "peppol_eas": "9930",
                "peppol_endpoint": "DE123456788",
                "bank_ids": [
                    Command.create(
                        {
                            "acc_number": "DE89 3704 0044 0532 0130 00",
                            "allow_out_payment": True,
                        }
                    )
                ],
            }
        )
        cls.client.write(
            {
                "name": "Mandant GmbH",
                "street": "Ring 2",
                "zip": "10115",
                "city": "Berlin",
                "country_id": germany.id,
                "vat": "DE136695976",
                "phone": "+49 30 123456",
                "peppol_eas": "9930",
                "peppol_endpoint": "DE136695976",
                "is_company": True,
            }
        )
        cls.french = cls.env["res.partner"].create(
            {
                "name": "Cliente SARL",
                "email": "cliente@client.example",
                "street": "Rue 3",
                "zip": "69001",
                "city": "Lyon",
                "country_id": cls.env.ref("base.fr").id,
                "vat": "FR23334175221",
                "peppol_eas": "9957",
                "peppol_endpoint": "FR23334175221",
                "is_company": True,
            }
        )
        cls.reverse_charge = cls._create_tax(
            "Reverse charge", "AE", "VATEX-EU-AE", original_tax_ids=cls.tax_20.ids
        )
        cls.zero_rated = cls._create_tax("Zero-rated", "Z", False)
        cls.agent_tax = cls._create_tax("Paid for the client", "E", "VATEX-EU-79-C")
        cls.exempt_type.taxes_id = cls.agent_tax
        cls.abroad = cls.env["account.fiscal.position"].create(
            {"name": "Abroad", "tax_ids": [Command.set(cls.reverse_charge.ids)]}
        )
        cls.french.with_company(cls.company).property_account_position_id = cls.abroad
        cls.zero_fees = cls._create_service(
            "Zero-rated fees", cls.zero_rated, legal_use="fee"
        )

    @classmethod
    def _create_tax(cls, name, category, reason, **vals):
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": 0.0,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "ubl_cii_tax_category_code": category,
                "ubl_cii_tax_exemption_reason_code": reason,
                **vals,
            }
        )

    # --- bills of every make

    def _make(self, hours=((2.0, "lawyer"), (3.5, "associate")), **vals):
        """A draft of fees, and what the matter's options make of it.

        :rtype: account.move
        """
        matter = self._create_matter(client_reference="PO-4711", **vals)
        for count, (quantity, who) in enumerate(hours):
            self._create_time(
                matter,
                quantity,
                day=date(2026, 10, 5 + count),
                employee_id=getattr(self, who).id,
            )
        return self._bill(matter)

    def _make_with(self, product, **vals):
        matter = self._create_matter(client_reference="PO-4711", **vals)
        self._create_time(matter, 2.0)
        self._create_disbursement(matter, 120.5, product_id=product.id)
        return self._bill(matter)

    def _make_instalment(self):
        matter = self._create_matter(
            client_reference="PO-4711", billing_arrangement="fixed"
        )
        self.env["legal.fee.instalment"].create(
            {"matter_id": matter.id, "amount": 750.0, "due_date": date(2026, 10, 1)}
        )
        return self._bill(matter)

    def _make_agreed(self):
        bill = self._make()
        bill.with_user(self.biller).fee_override = 999.99
        return bill

    def _credit_part(self, bill):
        """A credit note of 100.00 of the fees."""
        action = self._as(bill, "approver").action_open_credit()
        window = self._as(self.env[action["res_model"]], "approver")
        window = window.browse(action["res_id"])
        window.write({"reason": "Goodwill", "date": date(2026, 10, 31)})
        for row in window.line_ids:
            row.amount = 100.0 if row.name == "Fees" else 0.0
        action = window.action_credit()
        return self.env["account.move"].browse(action["res_id"])

    def _make_bills(self, *names):
        """Approved bills, by name.

        :rtype: dict
        """
        makers = {
            "fees": self._make,
            "agent disbursement": lambda: self._make_with(self.exempt_type),
            "taxed disbursement": lambda: self._make_with(self.taxed_type),
            "percent discount": lambda: self._make(
                discount_type="percent", discount_value=12.5
            ),
            "fixed discount": lambda: self._make(
                discount_type="fixed", discount_value=77.77
            ),
            "agreed fee": self._make_agreed,
            "instalment": self._make_instalment,
            "reverse charge": lambda: self._make(partner_id=self.french.id),
            "zero-rated": lambda: self._make(fee_product_id=self.zero_fees.id),
            "foreign currency": lambda: self._make(billing_currency_id=self.dollar.id),
            "hours by timekeeper": lambda: self._make(bill_line_detail="timekeeper"),
            "hours, agreed fee": lambda: self._make_split_agreed(),
            "names its payers": self._make_shared,
            "on account": self._make_on_account,
            "less on account": lambda: self._make_less_on_account(),
            "several matters": self._make_together,
        }
        bills = {name: makers[name]() for name in names if name in makers}
        for bill in bills.values():
            self._approve(bill)
        if "credit in part" in names:
            bill = self._approve(self._make())
            bills["credit in part"] = self._credit_part(bill)
        if "credit in full" in names:
            bill = self._approve(self._make())
            self._as(bill, "manager").action_credit_and_rebill()
            bills["credit in full"] = bill.reversal_move_ids
        return bills

    def _make_shared(self):
        """One whole invoice to the client, of which an insurer owes a part."""
        insurer = self.env["res.partner"].create({"name": "Insurer"})
        return self._make(
            split_mode="shares",
            payer_ids=[
                Command.create(
                    {
                        "partner_id": self.client.id,
                        "share_type": "amount",
                        "value": 250.0,
                        "bears_tax": True,
                    }
                ),
                Command.create({"partner_id": insurer.id, "share_type": "remainder"}),
            ],
        )

    def _make_on_account(self, matter=None):
        """A draft of what is billed before the work is done."""
        matter = matter or self._create_matter(client_reference="PO-4711")
        maker = self.env["legal.bill.maker"]
        return maker._make_on_account(matter, 400.0, date(2026, 10, 1))

    def _make_less_on_account(self):
        self.company.legal_deduct_on_account = "approved"
        matter = self._create_matter(client_reference="PO-4711")
        self._approve(self._make_on_account(matter))
        self._create_time(matter, 5)
        return self._bill(matter)

    def _make_together(self):
        """One draft over two matters: fees and a disbursement, and fees alone."""
        matters = self._create_matter(
            name="Lease", client_reference="PO-4711", bill_together=True
        )
        matters |= self._create_matter(
            name="Patent", client_reference="PO-4711", bill_together=True
        )
        for matter in matters:
            self._create_time(matter, 2.0)
        self._create_disbursement(matters[0], 120.5, product_id=self.taxed_type.id)
        return self._bill(matters)

    def _make_split_agreed(self):
        bill = self._make(bill_line_detail="timekeeper")
        bill.with_user(self.biller).fee_override = 1000.01
        return bill

    def _render(self, bill, kind):
        """The e-invoice, and what Odoo's own checks say.

        :rtype: tuple
        """
        return self.env[FORMATS[kind]]._export_invoice(bill.sudo())
