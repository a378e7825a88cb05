from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...exceptions import BillStageError
from ..common import LegalBillingCommon


@tagged("post_install", "-at_install")
class TestBulkSelection(LegalBillingCommon):
    """Somebody else deleted what a person ticked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.matters = cls._create_matter(name="First") | cls._create_matter(name="Last")
        for matter in cls.matters:
            cls._create_time(matter)
        cls.drafts = cls._bill(cls(), cls.matters)

    def test_all_of_it_is_refused_in_words(self):
        ticked = self._as(self.drafts, "approver")
        self._as(self.drafts, "biller").action_delete_bills()
        with self.assertRaisesRegex(BillStageError, "deleted.*Load the list again"):
            ticked.action_approve_bills()

    def test_what_is_left_is_done(self):
        ticked = self._as(self.drafts, "approver")
        first, last = self.drafts
        self._as(first, "biller").action_delete_bills()
        ticked.action_approve_bills()
        self.assertEqual(last.state, "posted")

    def test_what_is_left_is_still_guarded(self):
        stranger = self._create_user("fee_earner", login="stranger")
        ticked = self.drafts.with_user(stranger)
        self._as(self.drafts[0], "biller").action_delete_bills()
        with self.assertRaises(AccessError):
            ticked.env["legal.bulk.selection"]._select(ticked)
