import contextlib
import os

from odoo import api, models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

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
