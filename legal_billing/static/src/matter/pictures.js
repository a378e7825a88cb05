import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** How far a quote is used up: billed, unbilled, left; red past its limit. */
export class QuoteBarField extends Component {
    static template = "legal_billing.QuoteBarField";
    static props = {...standardFieldProps};

    get bar() {
        return this.props.record.data[this.props.name] || null;
    }
}

/** Hours by timekeeper: billed and unbilled, one bar each. */
export class TimekeepersField extends Component {
    static template = "legal_billing.TimekeepersField";
    static props = {...standardFieldProps};

    get rows() {
        return (this.props.record.data[this.props.name] || []).map((row) => ({
            ...row,
            hours: (row.billed + row.open).toFixed(1),
            title: _t("%(billed)s h billed, %(open)s h unbilled", {
                billed: row.billed.toFixed(1),
                open: row.open.toFixed(1),
            }),
        }));
    }
}

registry.category("fields").add("legal_quote_bar", {
    component: QuoteBarField,
    displayName: _t("Quote"),
    supportedTypes: ["json"],
});
registry.category("fields").add("legal_timekeepers", {
    component: TimekeepersField,
    displayName: _t("Timekeepers"),
    supportedTypes: ["json"],
});
