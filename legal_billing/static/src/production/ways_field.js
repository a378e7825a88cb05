import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const ADDRESS = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

/** What becomes of a bill that would reach nobody: a button for each way out, and what
 * was chosen. */
export class WaysField extends Component {
    static template = "legal_billing.WaysField";
    static props = {...standardFieldProps};

    get data() {
        return this.props.record.data;
    }

    get way() {
        return this.data[this.props.name];
    }

    get label() {
        const {selection} = this.props.record.fields[this.props.name];
        return Object.fromEntries(selection)[this.way];
    }

    get canEmail() {
        return this.data.partner_id && ADDRESS.test(this.data.email || "");
    }

    async choose(way) {
        await this.props.record.update({[this.props.name]: way});
    }
}

/** The address that is missing: an entry box in every row, as in Odoo's own window for
 * sending. */
export class AddressField extends Component {
    static template = "legal_billing.AddressField";
    static props = {...standardFieldProps, placeholder: {type: String, optional: true}};

    get data() {
        return this.props.record.data;
    }

    get isOpen() {
        return this.data.partner_id && !["print", "quiet"].includes(this.data.way);
    }

    async onChange(ev) {
        await this.props.record.update({[this.props.name]: ev.target.value.trim()});
    }
}

registry.category("fields").add("legal_address", {
    component: AddressField,
    displayName: _t("Address that is missing"),
    supportedTypes: ["char"],
    extractProps: ({placeholder, attrs}) => ({
        placeholder: placeholder || attrs?.placeholder,
    }),
});

registry.category("fields").add("legal_ways", {
    component: WaysField,
    displayName: _t("What becomes of it"),
    supportedTypes: ["selection"],
});
