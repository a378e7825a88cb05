from odoo import api, fields, models

from .operations import OPERATIONS


class AccountMove(models.Model):
    """The buttons that work bills off through the queue. What each does to a bill is said
    by the rooms of bills and of production."""

    _inherit = "account.move"

    # --- actions

    def action_approve_bills(self):
        """Post drafts, note who approved them and when, and put them into production.

        :return: the page to show next
        :rtype: dict
        :raise RoleError: without the approver's role
        :raise BillStageError: if none of the bills is a draft
        :raise ApprovalError: if none of them can be approved
        """
        return self._run_operation("approve")

    def action_delete_bills(self):
        """Take drafts back: entries and instalments are free again. A draft that was
        posted before is cancelled, so that its number stays accounted for.

        :return: the page to show next
        :rtype: dict
        """
        return self._run_operation("delete")

    def action_revert_bills(self, reason=None):
        """Send approved bills back to draft, under the same number.

        :param str reason: demanded for a bill that was delivered
        :return: the page to show next
        :rtype: dict
        :raise UndoError: if money is on a bill, it was credited, or it was delivered
            and the user is no manager or gives no reason
        """
        return self._run_operation("revert", reason=reason)

    def action_produce_bills(self):
        """Make the PDFs of approved bills, queue their e-mails, collect what is to be
        printed; the bills are finalized. Works on the ticked bills, else on all of the
        list's filter, and on bills whose delivery failed, which are sent again to those
        who did not get them.

        :return: the page to show next
        :rtype: dict
        :raise RoleError: without the biller's role
        :raise BillStageError: if none of the bills can be produced
        :raise ProduceError: if every one of them failed
        """
        self._check_role("biller", "manager")
        order = self.env.context.get("legal_billing_print_order", "number")
        return self._get_producible()._run_operation("produce", print_order=order)

    # --- bulk

    def _run_operation(self, operation, **run_vals):
        """Work the bills off through the queue: at once when few, else in the
        background.

        :param str operation: key of ``OPERATIONS``
        :return: the page to show next
        :rtype: dict
        :raise RoleError: for users who may not do it
        :raise BillStageError: if none of the bills is in a stage for it
        """
        kind = OPERATIONS[operation]
        self._check_role(*kind.roles)
        selection = self.env["legal.bulk.selection"]._select(self)
        bills = selection.filtered(lambda bill: bill.billing_stage in kind.stages)
        if not bills:
            labels = self.env["legal.billing.run"]._get_operation_labels()
            self._raise_wrong_stage(selection, labels[operation])
        if kind.is_of_sets:  # a row for each set, which is worked off as one
            bills = bills._get_split_heads()
            bills._get_split_set()  # read together
        actions = []
        for company, group in bills.grouped("company_id").items():
            # sudo: the role was checked by the action
            run = (
                self.env["legal.billing.run"]
                .sudo()
                .create(
                    {
                        "operation": operation,
                        "company_id": company.id,
                        "user_id": self.env.uid,
                        **run_vals,
                    }
                )
            )
            self.env["legal.billing.run.line"].sudo().create(
                [
                    {
                        "run_id": run.id,
                        "bill_id": bill.id,
                        "matter_id": bill.matter_id.id,
                        "state": "queued",
                        "currency_id": bill.currency_id.id,
                        "amount": sum(members.mapped("amount_untaxed")),
                        "company_amount": sum(members.mapped("amount_untaxed_signed")),
                    }
                    for bill in kind.sort(group)
                    for members in [bill._get_split_set() if kind.is_of_sets else bill]
                ]
            )
            actions.append(run.sudo(False)._start())
            run._raise_if_all_failed()
        return actions[-1]

    # --- what runs know of bills

    def _get_printed(self):
        """The print files are those of runs: their rows say which bills are in one."""
        rows_sudo = self.env["legal.billing.run.line"].sudo()  # of anybody's run
        rows_sudo = rows_sudo.search(
            [("bill_id", "in", self.ids), ("print_file_id", "!=", False)]
        )
        return super()._get_printed() | (self & rows_sudo.bill_id.sudo(False))

    def _note_failed_delivery(self, reason):
        """The row of the production that sent it says why it failed, and is tried again
        from there."""
        result = super()._note_failed_delivery(reason)
        if any(
            state == "failed" for state, _why in self._get_network_statuses().values()
        ):
            rows_sudo = self.env["legal.billing.run.line"].sudo()  # of anybody's run
            row = rows_sudo.search(
                [
                    ("bill_id", "=", self.id),
                    ("run_id.operation", "=", "produce"),
                    ("state", "=", "done"),
                ],
                order="id desc",
                limit=1,
            )
            row.write({"state": "failed", "reason_code": "network", "message": reason})
        return result

    def _after_matters_removed(self, gone):
        """The rows of these matters say that they are billed no more, and may be tried
        again."""
        result = super()._after_matters_removed(gone)
        rows_sudo = self.env["legal.billing.run.line"].sudo()  # of anybody's run
        rows = rows_sudo.search(
            [
                ("bill_id", "=", self.id),
                ("matter_id", "in", gone.ids),
                ("run_id.operation", "=", "bill"),
            ]
        )
        rows.write({"bill_id": False})
        rows._set_result("skipped", "taken_out")
        return result

    def _forget_print_files(self):
        """No row says any more that these bills are in its run's print file; the file
        itself stays as it was printed."""
        result = super()._forget_print_files()
        rows_sudo = self.env["legal.billing.run.line"].sudo()  # the run's own rows
        rows_sudo.search(
            [("bill_id", "in", self.ids), ("print_file_id", "!=", False)]
        ).write({"print_file_id": False})
        return result

    @api.model
    def _get_strip_production(self, domain, money):
        """The strip also says when the last production ended and what of it waits to be
        posted, to those who see runs."""
        runs = self.env["legal.billing.run"]
        if not runs.has_access("read"):
            return super()._get_strip_production(domain, money)
        last = runs.search(
            [
                ("operation", "=", "produce"),
                ("finished_on", "!=", False),
                ("company_id", "in", self.env.companies.ids),
            ],
            limit=1,
        )
        return super()._get_strip_production(domain, money) | {
            "last_on": fields.Datetime.to_string(last.finished_on) if last else False,
            "last_run": last.id,
            "last_count": last.done_count,
            "to_post": last.to_post_count,
        }
