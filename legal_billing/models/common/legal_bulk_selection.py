from odoo import api, models
from odoo.exceptions import MissingError

from ...exceptions import BillStageError
from ...tools import read_domain


class LegalBulkSelection(models.AbstractModel):
    """What a list's header button works on."""

    _name = "legal.bulk.selection"
    _description = "Selection of a Bulk Action"

    @api.model
    def _select(self, records):
        """Ticked records, or all of the list's filter when none is ticked, or when the
        client cut the ticked ids off at its limit.

        :param models.Model records: what the button was called on
        :return: records the user may read
        :rtype: models.Model
        :raise AccessError: if one of them is out of the user's sight
        :raise BillStageError: if all of them were deleted meanwhile, or the filter is none
        """
        context = self.env.context
        # what is done to them later is done with billing's own rights
        records = self._check_readable(records)
        domain = context.get("active_domain")
        if domain is None or domain is False:  # an empty one stands for the whole list
            return records
        limit = int(
            self.env["ir.config_parameter"]
            .sudo()  # the web client's own limit
            .get_param("web.active_ids_limit", 20000)
        )
        if records and len(records) < limit:
            return records
        if context.get("active_model") not in (None, records._name):
            return records
        try:
            return records.search(read_domain(records, domain))
        except ValueError as error:
            raise BillStageError(
                self.env._(
                    "The filter of the list cannot be used: %(error)s. Load the list "
                    "again, or tick the records.",
                    error=error,
                )
            ) from error

    @api.model
    def _settle(self, records, error=BillStageError):
        """What a window was opened for, to be worked on. The filter of the list below
        the window may not widen it, least of all when nothing of it is left.

        :param models.Model records: what the window holds, as far as it is still there
        :param type error: class of the refusal
        :return: the same records
        :rtype: models.Model
        :raise LegalBillingError: of that class, if there is none
        """
        if not records:
            raise error(
                self.env._(
                    "There is nothing left to do: somebody else has dealt with what "
                    "you selected. Close the window and load the list again."
                )
            )
        return records.with_context(active_domain=False)

    @api.model
    def _check_readable(self, records):
        """Those of the records that are still there, which the user may read.

        :rtype: models.Model
        :raise AccessError:
        :raise BillStageError: if none is there any more
        """
        # one query for all; the rules would be asked record by record
        found = records.with_context(active_test=False).search(
            [("id", "in", records.ids)]
        )
        if len(found) == len(records):
            return records.browse(records.ids)  # read together from here on
        try:
            records.check_access("read")
        except MissingError as error:
            left = records.exists()
            if not left:
                raise BillStageError(
                    self.env._(
                        "Somebody else has deleted what you selected. Load the "
                        "list again."
                    )
                ) from error
            left.check_access("read")
            return left
        return records
