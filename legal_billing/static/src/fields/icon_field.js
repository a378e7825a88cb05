import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** One state as an icon: how, or whether, the client got a bill. */
export class IconField extends Component {
    static template = "legal_billing.IconField";
    static props = {...standardFieldProps};

    get icon() {
        return this.props.record.data[this.props.name];
    }
}

registry.category("fields").add("legal_icon", {
    component: IconField,
    displayName: _t("Icon"),
    supportedTypes: ["json"],
});
