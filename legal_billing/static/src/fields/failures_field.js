import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What failed or was held back in a run, one line per reason. */
export class FailuresField extends Component {
    static template = "legal_billing.FailuresField";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }

    async call(method, row) {
        const {record} = this.props;
        const action = await this.orm.call(
            "legal.billing.run",
            method,
            [[record.resId], row.state, row.reason, row.message || null],
            {context: {...record.context, legal_billing_watch: true}}
        );
        if (action && action.type) {
            await this.action.doAction(action);
        } else {
            await record.load();
        }
    }

    open(row) {
        return this.call("action_open_reason", row);
    }

    canRetry(row) {
        const {state} = this.props.record.data;
        return row.state !== "excluded" && state !== "running";
    }
}

registry.category("fields").add("legal_failures", {
    component: FailuresField,
    displayName: _t("By reason"),
    supportedTypes: ["json"],
});
