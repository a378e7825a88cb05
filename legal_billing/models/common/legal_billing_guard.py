from odoo import SUPERUSER_ID, api, models

from ...exceptions import ProtectedFieldError, RoleError
from ...tools import INTERNAL, is_internal


class LegalBillingGuard(models.AbstractModel):
    """Who may do what, and which fields are written by billing alone: asked in one way
    by every model that mixes this in.

    The guard defines neither ``create`` nor ``write``: models that insert many rows at a
    time look at whether these are core's. A model calls `_check_protected` and
    `_check_frozen` in its own, and says what they are to hold:

    * ``_protected_fields``: written by billing's own actions and by nothing else;
    * ``_frozen_fields`` with ``_get_frozen``: what stays once a record is closed.

    Both are lifted by ``_internal()``, and by nothing that a caller from outside can
    send.
    """

    _name = "legal.billing.guard"
    _description = "Guard of Billing's Records"

    # --- roles

    @api.model
    def _has_role(self, *roles):
        """Whether the user has one of the roles, for what screens show.

        :param str roles: names as in ``legal_billing_group_<role>``
        :rtype: bool
        """
        return self.env.su or any(
            self.env.user.has_group(f"legal_billing.legal_billing_group_{role}")
            for role in roles
        )

    @api.model
    def _check_role(self, *roles):
        """Refuse users who have none of the roles.

        :param str roles: names as in ``legal_billing_group_<role>``; the first is named
            in the refusal
        :raise RoleError:
        """
        if self._has_role(*roles):
            return
        raise RoleError(
            self.env._(
                "%(user)s needs the role %(role)s of Legal Billing for this. Ask your "
                "administrator, or someone who has it.",
                user=self.env.user.name,
                role=self._get_role_name(roles[0]),
            )
        )

    @api.model
    def _check_person_role(self, *roles):
        """Refuse an act that no person with one of the roles stands behind: that code runs
        as superuser is no proof of it, and a job without a user is nobody, unless it
        presses billing's own button (an administrator in the shell does).

        :param str roles: names as in ``legal_billing_group_<role>``; the first is named
            in the refusal
        :raise RoleError:
        """
        user = self.env.user
        if self.env.uid == SUPERUSER_ID and not self._is_internal():
            raise RoleError(
                self.env._(
                    "A scheduled job cannot do this: a person with the role %(role)s "
                    "of Legal Billing does it, on the bill or in its list.",
                    role=self._get_role_name(roles[0]),
                )
            )
        # su off: the groups of the person decide
        self.with_user(user)._check_role(*roles)

    @api.model
    def _get_role_name(self, role):
        """:rtype: str"""
        return self.env.ref(f"legal_billing.legal_billing_group_{role}").sudo().name

    # --- billing's own code

    @api.model
    def _is_internal(self):
        """Whether the code that runs is billing's own, which has checked the role.

        A caller from outside can set the context, but has neither ``su`` nor the sign.

        :rtype: bool
        """
        return is_internal(self.env)

    def _internal(self):
        """These records with the right to write billing's own fields. Call only after
        the user's role has been checked.

        :return: records of the same model, as superuser
        """
        return self.sudo().with_context(legal_billing_internal=INTERNAL)

    # --- protected fields

    @api.model
    def _protected_fields(self):
        """Fields that billing's own actions write and nothing else; extend with
        ``super() | {…}``.

        :rtype: set
        """
        return set()

    def _check_protected(self, vals):
        """Refuse values that only billing itself writes. For new records (called on
        none) a value that says nothing is fine: pass what the context gives, too.

        :param dict vals: for ``create`` or ``write``
        :raise ProtectedFieldError: naming all such fields
        """
        touched = self._protected_fields() & vals.keys()
        if not self.ids:
            touched = {name for name in touched if vals[name]}
        if touched and not self._is_internal():
            raise ProtectedFieldError(
                self._get_protected_refusal(self._get_labels(touched))
            )

    @api.model
    def _get_protected_refusal(self, labels):
        """Why protected fields are not written, and what to do instead.

        :param str labels: the fields' names, as people know them
        :rtype: str
        """
        return self.env._("%(fields)s is written by billing itself.", fields=labels)

    @api.model
    def _get_labels(self, names):
        """Names of fields for a message.

        :param names: of fields
        :rtype: str
        """
        return ", ".join(
            str(self._fields[name].string or name) for name in sorted(names)
        )

    # --- records that are closed

    @api.model
    def _frozen_fields(self):
        """Fields that stay as they are once a record is closed.

        :rtype: set
        """
        return set()

    def _get_frozen(self):
        """Those of these records that are closed.

        :return: records of the same model
        """
        return self.browse()

    def _check_frozen(self, vals=None):
        """Refuse changes of what stays.

        :param dict vals: for ``write``; None where the whole record is at stake
        :raise LegalBillingError: the model's own, naming all closed records
        """
        if vals is not None and not self._frozen_fields() & vals.keys():
            return
        if not self._is_internal() and (frozen := self._get_frozen()):
            raise frozen._get_frozen_refusal()

    def _get_frozen_refusal(self):
        """The error that names these closed records, and the way out.

        :rtype: odoo.addons.legal_billing.exceptions.LegalBillingError
        """
        return ProtectedFieldError(
            self.env._(
                "%(names)s is closed and stays as it is.",
                names=", ".join(self.mapped("display_name")),
            )
        )
