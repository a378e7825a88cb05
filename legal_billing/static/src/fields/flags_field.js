import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Short remarks on a bill, as badges. */
export class FlagsField extends Component {
    static template = "legal_billing.FlagsField";
    static props = {...standardFieldProps};

    get flags() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("legal_flags", {
    component: FlagsField,
    displayName: _t("Remarks"),
    supportedTypes: ["json"],
});
