import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {reloadAfter} from "../core/window";

/**
 * What can be done with one row of a run: bill it, leave it out, or, where it is held
 * back, the way out of that.
 */
export class RowActionsField extends Component {
    static template = "legal_billing.RowActionsField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get data() {
        return this.props.record.data;
    }

    get canBill() {
        return this.data.state === "ready" && this.data.operation === "bill";
    }

    async call(method) {
        const {record} = this.props;
        const action = await this.orm.call(record.resModel, method, [[record.resId]]);
        if (action && action.type) {
            await this.action.doAction(action, {
                onClose: reloadAfter(() => record.model.load()),
            });
        } else {
            await record.model.load();
        }
    }
}

registry.category("fields").add("legal_row_actions", {
    component: RowActionsField,
    displayName: _t("Actions"),
    supportedTypes: ["char"],
});
