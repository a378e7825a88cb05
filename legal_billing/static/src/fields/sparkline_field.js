import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formatFloat} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** The last bills as small bars, oldest first, and beside them the one to be made. */
export class SparklineField extends Component {
    static template = "legal_billing.SparklineField";
    static props = {...standardFieldProps};

    get bars() {
        const {record, name} = this.props;
        const past = record.data[name] || [];
        const amounts = past.map((amount) => ({amount, isNext: false}));
        if (record.data.amount !== undefined) {
            amounts.push({amount: record.data.amount, isNext: true});
        }
        const top = Math.max(...amounts.map((bar) => bar.amount), 0);
        return amounts.map((bar, index) => ({
            ...bar,
            key: index,
            height: top ? Math.max((100 * bar.amount) / top, 6) : 6,
        }));
    }

    get hasHistory() {
        return (this.props.record.data[this.props.name] || []).length > 0;
    }

    get title() {
        const past = this.props.record.data[this.props.name] || [];
        return past.map((amount) => formatFloat(amount)).join(" · ");
    }
}

registry.category("fields").add("legal_sparkline", {
    component: SparklineField,
    displayName: _t("Last bills"),
    supportedTypes: ["json"],
});
