import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What a run has done last, by name: whoever looks sees it move. */
export class LatestField extends Component {
    static template = "legal_billing.LatestField";
    static props = {...standardFieldProps};

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("legal_latest", {
    component: LatestField,
    displayName: _t("Done last"),
    supportedTypes: ["json"],
});
