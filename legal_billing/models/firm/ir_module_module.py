from odoo import models

from ...exceptions import ConfigurationError

#: Says that the ledgers were handed out, and that they may go with the addon.
HANDED_OUT = "legal_billing.ledgers_handed_out"


class IrModuleModule(models.Model):
    """Apps: the addon does not go while it alone knows whose money the firm holds."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Also where it goes with an addon that it needs.

        :raise ConfigurationError: saying what is held, and how to hand it out first
        """
        going = self | self.downstream_dependencies()
        if "legal_billing" in going.mapped("name"):
            self._check_no_money_held()
        return super().button_uninstall()

    def _check_no_money_held(self):
        parameters_sudo = self.env["ir.config_parameter"].sudo()  # administrators only
        if parameters_sudo.get_param(HANDED_OUT):
            return
        if held := self.env["res.company"]._get_held_money():
            raise ConfigurationError(
                self.env._(
                    "Legal Billing cannot be uninstalled: the ledgers that say whose "
                    "money this is would be lost.\n%(held)s\n"
                    "Print them first (Client Account ▸ Reports: ledgers, journal and "
                    "balances of every client account; Unallocated Credits, exported), "
                    "and keep them as long as your rules ask. Then pay the money out; or "
                    "confirm that the ledgers were handed out, in the system parameter "
                    "%(parameter)s, with the date and the name of who has them.",
                    held="\n".join(held),
                    parameter=HANDED_OUT,
                )
            )
