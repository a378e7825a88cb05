from odoo import api, models

from ...tools import CLOSE_WINDOW, notify

#: So many records are named in the question.
QUESTION_LINES = 8


class LegalArchiveRemark(models.AbstractModel):
    """Records that billing needs for what is still open: archiving them is allowed, and
    says what they hold. Nothing of it is lost or forgotten: runs, payments and lists
    read archived records as well.
    """

    _name = "legal.archive.remark"
    _description = "Archiving says what is still open"

    def _get_held(self):
        """What is still open of these records, in a few words and without amounts:
        whoever may archive them may see it.

        :return: ``{record: sentence part}``, those with something open
        :rtype: dict
        """
        return {}

    def _get_held_text(self, text):
        """
        :param str text: of `_get_held`
        :rtype: str
        """
        self.ensure_one()
        return self.env._(
            "%(name)s is archived and still has: %(held)s. It is billed and paid as "
            "before where it can be; unarchive it if work goes on.",
            name=self.display_name,
            held=text,
        )

    @api.readonly
    def get_archive_question(self):
        """What the web client asks before it archives these records.

        :return: with what is still open of them; False where nothing is
        :rtype: str | bool
        """
        held = self.filtered("active")._get_held()
        if not held:
            return False
        lines = [f"{record.display_name}: {text}." for record, text in held.items()]
        return "\n".join(
            [
                self.env._("This is still open:"),
                *lines[:QUESTION_LINES],
                *(
                    [self.env._("and %s more.", len(lines) - QUESTION_LINES)]
                    if len(lines) > QUESTION_LINES
                    else []
                ),
                self.env._(
                    "It is billed and paid as before where it can be, and nothing of it "
                    "is lost. Archive all the same?"
                ),
            ]
        )

    def write(self, vals):
        """Leave a note on records that are archived with something open."""
        archived = "active" in vals and not vals["active"]
        held = self.filtered("active")._get_held() if archived else {}
        result = super().write(vals)
        for record, text in held.items():
            record._message_log(body=record._get_held_text(text))
        return result

    def action_archive(self):
        """Besides, tell the person who archives.

        :return: core's own next step, else a warning
        """
        held = self.filtered("active")._get_held()
        result = super().action_archive()
        if not held or result:
            return result
        return notify(
            " ".join(record._get_held_text(text) for record, text in held.items()),
            CLOSE_WINDOW,
            kind="warning",
        )
