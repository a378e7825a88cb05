from datetime import date

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import freeze_time, new_test_user

from ..client_account.trust_common import TrustCommon
from .access_table import PERSONS


@freeze_time("2026-11-25 12:00:00")
class AccessCommon(TrustCommon):
    """One user per person of the access table, and one record of everything that its
    calls are about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {name: getattr(cls, name, None) for name in PERSONS}
        cls.users |= {
            "internal": new_test_user(
                cls.env, "legal_internal", "base.group_user", company_id=cls.company.id
            ),
            "accountant": new_test_user(
                cls.env,
                "legal_accountant",
                "base.group_user,account.group_account_manager",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            ),
            "portal": new_test_user(
                cls.env, "legal_portal", "base.group_portal", company_id=cls.company.id
            ),
        }
        elsewhere = cls.env["res.company"].sudo().create({"name": "Elsewhere LLP"})
        cls.elsewhere = elsewhere
        cls.users["other_company"] = new_test_user(
            cls.env,
            "legal_elsewhere",
            "base.group_user,legal_billing.legal_billing_group_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        cls.records = cls._make_records(cls())

    @classmethod
    def _make_wip(cls):
        def time(**vals):
            return cls._create_time(cls.matter, 2.0, **vals)

        split = time()
        split.with_user(cls.biller).action_split(100.0)

        written_off = time()
        written_off.action_write_off("too much")
        return {
            "entry": time(),
            "held_entry": time(is_on_hold=True),
            "written_off_entry": written_off,
            "split_part": split.split_ids,
        }

    @classmethod
    def _make_costs(cls):
        """Anticipated disbursements and what vendors charged."""

        def anticipated(amount):
            return cls._create_disbursement(
                cls.matter_b, amount, is_anticipated=True, product_id=cls.taxed_type.id
            )

        def charged(amount):
            bill = cls.env["account.move"].create(
                {
                    "move_type": "in_invoice",
                    "partner_id": cls.partner_a.id,
                    "invoice_date": "2026-11-07",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": cls.taxed_type.id,
                                "name": "Opinion",
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                                "analytic_distribution": {
                                    str(cls.matter_b.account_id.id): 100
                                },
                            }
                        )
                    ],
                }
            )
            bill.action_post()
            return bill

        matched = anticipated(100.0)
        bill = charged(90.0)
        matched.with_user(cls.biller).action_match_cost(
            bill.invoice_line_ids.analytic_line_ids.with_user(cls.biller)
        )
        likely = anticipated(1000.0)
        vendor_bill = charged(950.0)
        cost = charged(5.0)
        return {
            "matched": matched,
            "anticipated": likely,
            "vendor_bill": vendor_bill,
            "proposed": vendor_bill.invoice_line_ids.analytic_line_ids,
            "cost": cost.invoice_line_ids.analytic_line_ids,
        }

    def _make_bills(self):
        def bill(name):
            matter = self._create_matter(name=f"{name} matter")
            self._create_time(matter)
            return self._bill(matter)

        draft, approved, produced, delivered, reviewed, disputed, written, funded = map(
            bill,
            (
                "Draft",
                "Approved",
                "Produced",
                "Delivered",
                "Reviewed",
                "Disputed",
                "Written",
                "Funded",
            ),
        )
        draft.write({"fee_override": 250.0})
        produced.write({"print_copies": "1"})
        self._approve(approved + produced + delivered + disputed + written + funded)
        self._as(produced, "biller").action_produce_without_sending("by hand")
        self._deliver(delivered + funded)
        self._create_time(draft.matter_ids, 1.0)
        self._as(reviewed, "biller")._send_for_review()
        self._as(disputed, "biller")._dispute(10.0, "too dear")
        write_off = self._as(self.env["legal.bill.write.off"], "approver")._write_off(
            {self._as(written, "approver"): 10.0}, "small", date(2026, 11, 2), "entry"
        )
        layout = self.env["legal.bill.layout"].search([("is_standard", "=", True)])[0]
        copied = self._as(layout, "manager").action_copy_layout()
        return {
            "draft_entry": draft.wip_line_ids[:1],
            "reviewed": reviewed,
            "funded": funded,
            "sendable": approved + disputed,
            "disputed": disputed,
            "write_off": write_off,
            "layout": layout,
            "layout_copy": layout.browse(copied["res_id"]),
            "bill_run": draft.billing_run_id,
            "fresh_run": bill("Fresh").billing_run_id,
            "owing": produced.matter_id,
            "bill_line": approved.invoice_line_ids[:1],
            "bill_run_line": draft.billing_run_id.line_ids,
            "credit_key": produced._get_credit_rows()[0]["key"],
            "draft": draft,
            **self._make_split(),
            "approved": approved,
            "produced": produced,
            "delivered": delivered,
            "billed_entry": approved.wip_line_ids,
            "adjustment": draft.adjustment_ids[:1],
        }

    def _make_split(self):
        """A draft that two payers share.

        :rtype: dict
        """
        matter = self._create_matter(name="Shared matter")
        matter.payer_ids = [
            Command.create({"partner_id": self.other_client.id, "value": 50.0}),
            Command.create({"partner_id": self.client.id, "share_type": "remainder"}),
        ]
        self._create_time(matter)
        split = self._bill(matter).filtered(lambda bill: not bill.split_of_id)
        return {
            "split_draft": split,
            "payer": matter.payer_ids[:1],
            "share": split.split_share_ids[:1],
            **self._make_together(),
        }

    def _make_together(self):
        """A line and a row of a draft over two matters.

        :rtype: dict
        """
        matters = self.env["project.project"]
        for name in ("Group matter A", "Group matter B"):
            matters |= self._create_matter(name=name, bill_together=True)
            self._create_time(matters[-1])
        draft = self._bill(matters)
        return {
            "together_line": draft.invoice_line_ids[:1],
            "together_row": draft.billing_run_id.line_ids[:1],
        }

    def _make_pay_in_slips(self):
        """One that the bank has, and one of two cheques that it does not have yet."""
        matter = self._create_matter(name="Cheques")

        def cheque(amount):
            payment = self._as(self.env["legal.payment"], "cashier").create(
                {
                    "source": "bank",
                    "means": "cheque",
                    "received_from_id": self.client.id,
                    "amount": amount,
                    "date": date(2026, 11, 2),
                    "allocation_ids": [
                        Command.create(
                            {
                                "kind": "credit",
                                "matter_id": matter.id,
                                "amount": amount,
                            }
                        )
                    ],
                }
            )
            payment.action_post()
            return payment

        slips = self._as(self.env["legal.pay.in.slip"], "cashier")
        paid_in = slips._make(cheque(1.0))
        paid_in.action_pay_in()
        carried = cheque(2.0)
        pay_in = slips._make(carried | cheque(3.0))
        cheque(4.0)  # for which a slip can be made
        return {"pay_in_slip": pay_in, "paid_in_slip": paid_in, "carried_slip": carried}

    def _make_money(self, bills):
        def slip(bill):
            return self._as(self.env["legal.payment"], "cashier").create(
                {
                    "source": "bank",
                    "received_from_id": self.client.id,
                    "amount": 100.0,
                    "date": date(2026, 11, 2),
                    "allocation_ids": [Command.create({"bill_id": bill.id})],
                }
            )

        matter = self._create_matter(name="Paid matter")
        self._create_time(matter)
        paid = self._approve(self._bill(matter))
        posted = slip(paid)
        posted.action_post()
        credited = self._create_matter(name="Credited matter")
        credit = self._as(self.env["legal.payment"], "cashier").create(
            {
                "source": "bank",
                "received_from_id": self.client.id,
                "amount": 20.0,
                "date": date(2026, 11, 2),
                "allocation_ids": [
                    Command.create(
                        {"kind": "credit", "matter_id": credited.id, "amount": 20.0}
                    )
                ],
            }
        )
        credit.action_post()
        open_slip = slip(bills["produced"])
        self._book("deposit", 90.0, matter_id=bills["funded"].matter_id.id)
        from_client_money = self._pay({bills["funded"]: 80.0})
        from_client_money.action_post()
        trust_run = self._as(
            self.env["legal.trust.run"], "client_account_officer"
        ).create({})
        trust_run.action_load()
        reconciliation = self._as(
            self.env["legal.trust.reconciliation"], "client_account_officer"
        ).create({"journal_id": self.client_bank.id, "date": "2026-11-20"})
        reconciliation.action_refresh()
        posted_deposit = self._book("deposit", 500.0)
        return {
            **self._make_pay_in_slips(),
            "paid": paid,
            "credited": credited,
            "credit_item": credited._get_open_credits(self.company.currency_id),
            "posted_payment": self.env["account.payment"].search(
                [("legal_payment_id", "=", posted.id)]
            ),
            "posted_partial": paid.line_ids.matched_credit_ids,
            "slip": open_slip,
            "row": open_slip.allocation_ids,
            "reconciliation": reconciliation,
            "reconciliation_line": reconciliation.line_ids[:1],
            "trust_run_line": trust_run.line_ids[:1],
            "trust_bill": self.env["legal.trust.bill"].search([], limit=1),
            "posted_slip": posted,
            "posted_row": posted.allocation_ids,
            "posted_move": posted.sudo().move_id,
            "deposit": self._move("deposit", 50.0),
            "uncleared": self._book("deposit", 60.0, is_uncleared=True),
            "receipt": self.env["legal.timekeeper.receipt"].search([], limit=1),
            "payment_rule": self.env.ref("legal_billing.legal_payment_rule_element"),
            "rule_element": self.env.ref(
                "legal_billing.legal_payment_rule_element"
            ).element_ids[:1],
            "channel": self.env.ref("legal_billing.legal_bill_channel_email"),
            "practice_area": self.env["legal.practice.area"].create({"name": "Land"}),
            "journal": self.office_bank,
            "product": self.fee_product.product_tmpl_id,
            "employee": self.lawyer,
            "res_users": self.biller,
            "posted_deposit": posted_deposit,
            "trust_move": posted_deposit.sudo().move_id,
            "balance": self.env["legal.trust.balance"].search(
                [("matter_id", "=", self.matter.id)]
            ),
            "trust_line": posted_deposit.sudo().line_ids,
            "trust_run": trust_run,
        }

    def _make_records(self):
        records = self._make_wip() | self._make_costs() | self._make_bills()
        records |= self._make_money(records)
        records |= self._make_matters()
        records |= self._make_requests()
        run = self._create_run()
        stopped = self._create_run()
        lines = stopped.line_ids.filtered(lambda line: line.state == "ready")
        lines[0].sudo().write({"state": "failed", "reason_code": "error"})
        lines[1].sudo().write({"state": "excluded", "reason_code": "left_out"})
        stopped.sudo().write({"started_on": "2026-11-20 10:00:00", "is_paused": True})
        produced = self.env["legal.billing.run"].sudo().create({"operation": "produce"})
        self.env["legal.billing.run.line"].sudo().create(
            {
                "run_id": produced.id,
                "bill_id": records["produced"].id,
                "matter_id": records["produced"].matter_id.id,
                "state": "done",
                "print_file_id": self.env["ir.attachment"]
                .sudo()
                .create({"name": "print.pdf", "raw": b"%PDF-1.4"})
                .id,
            }
        )
        colleague = self._create_user("biller", login="legal_colleague")
        window = (
            self.env["legal.bill.operation"]
            .with_user(colleague)
            .create(
                {
                    "operation": "delete",
                    "bill_ids": [Command.set(records["draft"].ids)],
                    "company_id": self.company.id,
                }
            )
        )
        return records | {
            "run": run,
            "stopped_run": stopped,
            "produce_run": produced,
            "failed_line": lines[0],
            "left_out_line": lines[1],
            "selection": self._as(self.env["legal.billing.selection"], "biller").create(
                {"name": "Selection"}
            ),
            "company": self.company,
            "elsewhere": self.elsewhere,
            "currency": self.company.currency_id,
            "lawyer": self.lawyer,
            "office_bank": self.office_bank,
            "rate": self.env["legal.rate"].search(
                [("company_id", "=", self.company.id)], limit=1
            ),
            "run_lines": run.line_ids.filtered(
                lambda line: line.matter_id == self.matter
            ),
            "instalment": self.env["legal.fee.instalment"].create(
                {"matter_id": self.matter.id, "amount": 10.0}
            ),
            "matter": self.matter,
            "matter_b": self.matter_b,
            "client": self.client,
            "other_client": self.other_client,
            "client_bank": self.client_bank,
            "admin": self.env.ref("base.user_admin"),
            "wizard_of_another": window,
        }

    def _make_matters(self):
        quoted = self._create_matter(
            name="Quoted matter", quoted_amount=300.0, quote_rule="lower"
        )
        self._create_time(quoted)
        self._approve(self._bill(quoted))
        self._create_time(quoted)
        closed = self._create_matter(name="Closed matter")
        closed.billing_status = "closed"
        return {
            "quoted": quoted,
            "closed": closed,
            "idle": self._create_matter(name="Idle matter"),
        }

    def _make_requests(self):
        """Requests for both kinds of money; one was paid and has no bill."""
        requests = self._as(self.env["legal.money.request"], "biller")

        def ask(kind):
            return requests.create(
                {"kind": kind, "matter_id": self.matter_b.id, "amount": 120.0}
            )

        unbilled = ask("on_account")
        action = self._as(unbilled, "cashier").action_receive()
        self._as(
            self.env["legal.payment"].browse(action["res_id"]), "cashier"
        ).action_post()
        self._as(unbilled.bill_ids, "biller").unlink()
        evergreen = self._create_matter(name="Evergreen", retainer_minimum=500.0)
        estimates = self._as(self.env["legal.fee.estimate"], "fee_earner")
        return {
            "estimate": estimates.create({"matter_id": self.matter_b.id, "fees": 9.0}),
            "request": ask("client_money"),
            "asked_request": ask("on_account"),
            "unbilled_request": unbilled,
            "evergreen": evergreen,
        }

    # --- calling

    def _fill_in(self, value, user):
        if isinstance(value, dict) and value.keys() == {"model", "vals"}:
            return self._make_window_of(user, value["model"], value["vals"])
        if isinstance(value, dict):
            return {key: self._fill_in(part, user) for key, part in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._fill_in(part, user) for part in value)
        if isinstance(value, str) and value.startswith("@*"):
            return self.records[value[2:]].ids
        if isinstance(value, str) and value.startswith("@@"):
            return [Command.set(self.records[value[2:]].ids)]
        if isinstance(value, str) and value.startswith("@"):
            record = user if value == "@user" else self.records[value[1:]]
            return getattr(record, "id", record)
        return value

    def _make_window_of(self, user, model, vals):
        model = self.env(user=user, context={})[model]
        vals = self._fill_in(vals, user)
        context = {"allowed_company_ids": self.company.ids}
        return call_kw(model, "create", [[vals]], {"context": context})[0]

    def _call(self, user, action, context=None):
        """The call as the server makes it for a request of the user, undone again.

        :param Action action: what is called
        :return: the refusal, or None
        """
        self.env.flush_all()
        self.env.invalidate_all()
        records = self.records.get(action.record)
        model = self.env[action.record] if records is None else records.browse()
        model = model.with_env(self.env(user=user, context={}))
        # whoever calls, it is about this company
        context = {
            "allowed_company_ids": self.company.ids,
            **self._fill_in(action.context or {}, user),
            **(context or {}),
        }
        kwargs = {"context": context}
        args = [self._fill_in(part, user) for part in action.args]
        ids = [] if records is None else [records.ids]
        refusal = None
        savepoint = self.env.cr.savepoint()
        try:
            if action.window is not None:
                vals = self._fill_in(action.window, user)
                ids = [[call_kw(model, "create", [vals], kwargs)]]
            call_kw(model, action.method, [*ids, *args], kwargs)
            self.env.flush_all()
        except UserError as error:
            refusal = error
        finally:
            self.env.invalidate_all(flush=False)
            savepoint.close(rollback=True)
        return refusal
