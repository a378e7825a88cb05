from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.legal_billing.exceptions import EntryLockedError
from odoo.addons.legal_billing.tests.common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestSaleTimesheet(LegalBillingCommon):
    """One entry has one biller: the sales order or the matter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        product = cls.env["product.product"].create(
            {
                "name": "Retainer hours",
                "type": "service",
                "invoice_policy": "delivery",
                "service_type": "timesheet",
                "uom_id": cls.env.ref("uom.product_uom_hour").id,
                "list_price": 150.0,
                "taxes_id": False,
            }
        )
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.client.id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 10})
                ],
            }
        )
        cls.order.action_confirm()
        cls.item = cls.order.order_line
        cls.matter = cls._create_matter(name="Both", allow_billable=True)
        cls.ours = cls._create_time(cls.matter, 2.0)
        cls.theirs = cls._create_time(cls.matter, 3.0, so_line=cls.item.id)

    def test_sold_time_is_no_wip(self):
        """Neither before the sales order invoices it nor after."""
        self.assertEqual(self.ours.wip_type, "time")
        self.assertFalse(self.theirs.wip_type)
        self.assertEqual(self.matter.unbilled_amount, 600.0)
        bill = self._bill(self.matter)
        self.assertEqual(bill.wip_line_ids, self.ours)
        self.assertEqual(bill.amount_untaxed, 600.0)
        invoice = self.order._create_invoices()
        self.assertEqual(self.theirs.timesheet_invoice_id, invoice)
        self.assertEqual(invoice.amount_untaxed, 450.0)
        self.assertFalse(invoice.matter_ids)
        invoice.action_post()  # core's own: no role of ours is asked for
        self._approve(bill)
        self.assertFalse(self.theirs.bill_id)

    def test_billed_time_is_not_sold(self):
        """What a matter's bill holds gets no sales order item, by no way."""
        bill = self._bill(self.matter)
        self.matter.sale_line_id = self.item
        self.env.flush_all()
        self.assertFalse(self.ours.so_line)
        with self.assertRaisesRegex(EntryLockedError, "cannot bill it as well"):
            self.ours.so_line = self.item
        self.assertEqual(self.item.qty_delivered, 3.0)
        invoice = self.order._create_invoices()
        self.assertEqual(invoice.timesheet_ids, self.theirs)
        self.assertEqual(bill.wip_line_ids, self.ours)

    def test_time_taken_off_the_order_is_wip(self):
        self.theirs.write({"so_line": False, "is_so_line_edited": True})
        self.assertEqual(self.theirs.wip_type, "time")
        self.assertEqual(self.theirs.wip_amount, 900.0)
        self.assertEqual(self._bill(self.matter).amount_untaxed, 1500.0)
