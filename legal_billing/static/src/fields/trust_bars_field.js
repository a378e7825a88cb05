import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatMoney} from "../common/money";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Bank, cash book and ledgers as three bars that must be level. */
export class TrustBarsField extends Component {
    static template = "legal_billing.TrustBarsField";
    static props = {...standardFieldProps};

    get bars() {
        const currencyId = this.props.record.data.currency_id?.id;
        const rows = this.props.record.data[this.props.name] || [];
        return rows.map((row) => ({
            label: row.label,
            amount: formatMoney(row.amount, {currencyId}),
            width: `${Math.max(row.share, 0)}%`,
        }));
    }

    get isLevel() {
        return this.props.record.data.is_level;
    }
}

registry.category("fields").add("legal_trust_bars", {
    component: TrustBarsField,
    displayName: _t("Three-way reconciliation"),
    supportedTypes: ["json"],
});
