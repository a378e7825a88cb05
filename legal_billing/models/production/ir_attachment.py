import contextlib
import os

from odoo import api, fields, models

from ...exceptions import ProtectedFieldError
from ...tools import is_internal

#: What makes a paper; its name and where it hangs may change when it is superseded.
CONTENT_FIELDS = {
    "checksum",
    "datas",
    "db_datas",
    "file_size",
    "mimetype",
    "raw",
    "store_fname",
    "type",
    "url",
}
#: Fields of core and ours that hold the paper of a bill.
PAPER_FIELDS = ("invoice_pdf_report_file", "ubl_cii_xml_file")
#: In the database too: the content of a paper stays, and so does the paper.
PAPER_TRIGGERS = """
CREATE OR REPLACE FUNCTION legal_paper_guard() RETURNS trigger AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'The paper of a bill is kept: %', OLD.name
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.store_fname IS DISTINCT FROM OLD.store_fname
        OR NEW.checksum IS DISTINCT FROM OLD.checksum
        OR NEW.db_datas IS DISTINCT FROM OLD.db_datas
        OR NEW.legal_is_paper IS DISTINCT FROM OLD.legal_is_paper
    THEN
        RAISE EXCEPTION 'The paper of a bill stays as it is: %', OLD.name
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$ LANGUAGE plpgsql;
DROP TRIGGER IF EXISTS legal_paper_guard ON ir_attachment;
CREATE TRIGGER legal_paper_guard
    BEFORE UPDATE OF store_fname, checksum, db_datas, legal_is_paper OR DELETE
    ON ir_attachment FOR EACH ROW WHEN (OLD.legal_is_paper)
    EXECUTE FUNCTION legal_paper_guard();
"""


class IrAttachment(models.Model):
    """The stored paper of an approved bill is what the client got, or will get: it is
    never changed, replaced, deleted or planted, by any role. One that is superseded is
    kept beside the new one."""

    _inherit = "ir.attachment"

    legal_is_paper = fields.Boolean(
        string="Paper of a bill",
        readonly=True,
        copy=False,
        help="What was stored when the bill was produced. It stays as it is.",
    )

    def init(self):
        """Papers stay as they are, in the database too."""
        result = super().init()
        self.env.cr.execute(PAPER_TRIGGERS)
        return result

    # --- papers of bills

    @api.model_create_multi
    def create(self, vals_list):
        """Production stores the papers, as superuser; nobody plants one.

        :raise ProtectedFieldError: naming the bills
        """
        attachments = super().create(vals_list)
        attachments._keep_papers()
        return attachments

    def write(self, vals):
        """Core renames and detaches a superseded paper, as superuser; its content stays.

        :raise ProtectedFieldError: naming the papers
        """
        kept = self._get_kept_papers()
        if kept and (CONTENT_FIELDS & vals.keys() or not self.env.su):
            kept._refuse_paper()
        if "legal_is_paper" in vals and not self.env.su:
            self._refuse_paper()
        result = super().write(vals)
        if {"res_model", "res_id", "res_field"} & vals.keys():
            (self - self._get_kept_papers())._keep_papers()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paper(self):
        """The paper of a bill is kept, superseded ones too."""
        if kept := self._get_kept_papers():
            kept._refuse_paper()

    def _get_kept_papers(self):
        # sudo: whether it is a paper is no secret of who may write it
        return self.filtered(lambda attachment: attachment.sudo().legal_is_paper)

    def _keep_papers(self):
        """Those of these attachments that are the paper of an approved bill stay as they
        are. On a draft nobody plants one either: it would be there when the bill is
        approved.

        :raise ProtectedFieldError: naming the bills
        """
        found = self.sudo().filtered(
            lambda attachment: (
                attachment.res_model == "account.move"
                and attachment.res_field in PAPER_FIELDS
                and attachment.res_id
            )
        )
        if not found:
            return
        moves_sudo = self.env["account.move"].sudo().browse(found.mapped("res_id"))
        bills = {bill.id: bill for bill in moves_sudo._get_bills()}
        papers = found.filtered(lambda paper: paper.res_id in bills)
        if papers:
            papers.with_env(self.env)._check_not_planted()
            papers.filtered(lambda paper: bills[paper.res_id].state == "posted").write(
                {"legal_is_paper": True}
            )

    def _check_not_planted(self):
        """
        :raise ProtectedFieldError: naming the bills
        """
        if self.env.su or is_internal(self.env):
            return
        bills = self.env["account.move"].browse(self.mapped("res_id"))
        raise ProtectedFieldError(
            self.env._(
                "The paper of %(bills)s is stored by producing it, and by nothing else. Use "
                "Produce; a file of your own goes into the conversation.",
                bills=", ".join(bill._get_short_name() for bill in bills),
            )
        )

    def _refuse_paper(self):
        raise ProtectedFieldError(
            self.env._(
                "%(names)s is the paper of a bill as it was stored: it is not changed, "
                "replaced or deleted. Revert the bill, or use Credit and rebill.",
                names=", ".join(self.sudo().mapped("name")),
            )
        )

    # --- files that were cut short

    @api.model
    def _get_path(self, bin_data, sha):
        """A file whose writing was cut short (the disk was full, the server was killed)
        has the name of the whole and not its content: core would refuse the same
        content ever after, and a print file is the same when it is made again."""
        full_path = self._full_path(f"{sha[:2]}/{sha}")
        if self._is_unfinished(full_path, bin_data):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(full_path)
        return super()._get_path(bin_data, sha)

    @staticmethod
    def _is_unfinished(full_path, bin_data):
        """Whether the file holds the beginning of the data and nothing else.

        :rtype: bool
        """
        try:
            size = os.path.getsize(full_path)
            if size >= len(bin_data):
                return False
            with open(full_path, "rb") as file:
                return file.read() == bin_data[:size]
        except FileNotFoundError:
            return False
