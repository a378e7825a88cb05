import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatMoney} from "../common/money";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What of a bill is open, element by element, and how much of it is paid. */
export class ElementBarField extends Component {
    static template = "legal_billing.ElementBarField";
    static props = {...standardFieldProps};

    get segments() {
        const rows = this.props.record.data[this.props.name] || [];
        const total = rows.reduce((sum, row) => sum + Math.abs(row.open), 0);
        const currencyId = this.props.record.data.currency_id?.id;
        const format = (amount) => formatMoney(amount, {currencyId});
        return rows.map((row, index) => {
            const open = Math.abs(row.open);
            const paid = Math.min(Math.abs(row.paid), open);
            return {
                key: index,
                tone: row.tone,
                width: `${total ? Math.max((100 * open) / total, 3) : 0}%`,
                filled: `${open ? (100 * paid) / open : 0}%`,
                title: _t("%(label)s: %(paid)s of %(open)s", {
                    label: row.label,
                    paid: format(row.paid),
                    open: format(row.open),
                }),
            };
        });
    }
}

registry.category("fields").add("legal_element_bar", {
    component: ElementBarField,
    displayName: _t("Elements"),
    supportedTypes: ["json"],
});
