import {WarningDialog} from "@web/core/errors/error_dialogs";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * The errors of `exceptions.py` are things that a person can act on: the web client
 * shows them as warnings, not as a failure of the server.
 */
export const ERROR_CLASSES = [
    "LegalBillingError",
    "RoleError",
    "EntryLockedError",
    "ProtectedFieldError",
    "MatterOptionError",
    "BillStageError",
    "ApprovalError",
    "UndoError",
    "WriteOffError",
    "DisputeError",
    "StatementError",
    "LayoutError",
    "ProduceError",
    "BillingRunError",
    "ConfigurationError",
    "PaymentError",
    "PaymentGuardError",
    "CreditError",
    "ReversalError",
    "TrustError",
    "TrustBalanceError",
    "TrustBillError",
    "TrustLockedError",
    "TrustApprovalError",
    "RequestError",
];

/** Core calls what it does not know "Odoo Warning". */
export class RefusalDialog extends WarningDialog {
    inferTitle() {
        return _t("This was not done");
    }
}

const dialogs = registry.category("error_dialogs");
for (const name of ERROR_CLASSES) {
    dialogs.add(`odoo.addons.legal_billing.exceptions.${name}`, RefusalDialog);
}
