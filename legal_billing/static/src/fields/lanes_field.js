import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** How far a production is: one bar each for PDFs, e-mails and prints. */
export class LanesField extends Component {
    static template = "legal_billing.LanesField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get lanes() {
        return this.props.record.data[this.props.name] || [];
    }

    share(lane, part) {
        return Math.round((100 * lane[part]) / lane.total);
    }

    async open(lane) {
        const action = await this.orm.call("legal.billing.run", "action_open_lane", [
            [this.props.record.resId],
            lane.key,
        ]);
        await this.action.doAction(action);
    }
}

registry.category("fields").add("legal_lanes", {
    component: LanesField,
    displayName: _t("Lanes of a production"),
    supportedTypes: ["json"],
});
