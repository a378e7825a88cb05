from psycopg2 import OperationalError

from ...tools import Sign


class EmailsTogether:
    """What core asks for each bill that is e-mailed, though it can be asked for many at
    once: their texts, of which the template is compiled once, and where answers go. It
    answers as core does, and leaves to core what it does not know."""

    def __init__(self, bills):
        """
        :param account.move bills: that go out together
        """
        self.bills = bills
        self._langs = {}
        self._texts = {}
        self._replies = {}
        self._homes = None

    @classmethod
    def of(cls, env):
        """That which this environment works with.

        :return: an object of this class; ``None`` where bills go out one by one
        """
        sign = env.context.get("legal_billing_together")
        if env.context.get("legal_billing_paper_shares"):
            return None  # a copy for one payer, with texts of its own
        return sign.content if isinstance(sign, Sign) else None

    def get_lang(self, bill, template):
        """The language of a bill's e-mail.

        :param account.move bill: one of these
        :param mail.template template:
        :return: as core's ``_get_default_mail_lang``; ``None`` where it is not known
        """
        if template not in self._langs:
            ids = [
                other.id
                for other in self.bills
                if other._get_bill_email_template() == template
            ]
            self._langs[template] = self._try(lambda: template._render_lang(ids))
        return self._langs[template].get(bill.id)

    def get_text(self, bill, template, lang, field, options):
        """A text of a bill's e-mail.

        :param account.move bill: one of these
        :param mail.template template: the bill's
        :param str lang: of the bill's e-mail
        :param str field: of the template
        :param dict options: of ``_render_field``
        :return: the text; ``None`` where it is not known
        """
        key = template, lang, field, str(options)
        if key not in self._texts:
            ids = [
                other.id
                for other in self.bills
                if other._get_bill_email_template() == template
                and self.get_lang(other, template) == lang
            ]
            there = template.sudo().with_context(lang=lang)
            self._texts[key] = self._try(
                lambda: there._render_field(field, ids, **options)
            )
        return self._texts[key].get(bill.id)

    def _try(self, render):
        """A text that cannot be made for one of the bills is made for each alone, so that
        the reason is found with the bill that it is of.

        :return: ``{bill id: text}``
        :rtype: dict
        """
        try:
            with self.bills.env.cr.savepoint(flush=False):
                return render()
        except OperationalError:
            raise
        except Exception:
            return {}

    def get_values(self, bill, author_id, email_from):
        """What a message on a bill would ask by itself.

        :param account.move bill: one of these
        :param int author_id: the author's partner
        :param str email_from: the sender
        :return: values of ``message_post``
        :rtype: dict
        """
        key = author_id, email_from
        if key not in self._replies:
            self._replies[key] = self.bills._notify_get_reply_to(
                default=email_from, author_id=author_id
            )
        if self._homes is None:
            company = self.bills.env.company
            self._homes = (
                self.bills._mail_get_companies(default=company),
                self.bills.sudo()._mail_get_alias_domains(default_company=company),
            )
        companies, domains = self._homes
        return {
            "record_alias_domain_id": domains[bill.id].id,
            "record_company_id": companies[bill.id].id,
            "reply_to": self._replies[key][bill.id],
        }
