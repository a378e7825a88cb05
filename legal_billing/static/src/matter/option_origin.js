import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";
import {reloadAfter} from "../core/window";

/** Where a billing option comes from, and the way to change it there or take it over. */
export class OptionOrigin extends Component {
    static template = "legal_billing.OptionOrigin";
    static props = {...standardWidgetProps, option: String};

    setup() {
        this.action = useService("action");
    }

    get data() {
        return this.props.record.data;
    }

    get info() {
        return (this.data.option_info || {})[this.props.option] || {};
    }

    /** Inherited values are grey: nobody has set them on this matter. */
    get isInherited() {
        return ["client", "company", "standard"].includes(this.info.origin);
    }

    get label() {
        const labels = {
            client: _t("from client"),
            company: _t("from company"),
            here: _t("set here"),
        };
        if (this.info.origin === "client" && !this.data.partner_id) {
            return "";
        }
        return labels[this.info.origin] || "";
    }

    get inherited() {
        return this.info.inherited || (!this.info.origin && this.info.default) || "";
    }

    get otherTitle() {
        const source =
            this.info.default_origin === "client" ? _t("client") : _t("company");
        return _t("Take over what the %(source)s says: %(value)s", {
            source,
            value: this.info.default,
        });
    }

    get canTakeOver() {
        return this.info.differs && this.props.record.resId && !this.props.readonly;
    }

    openClient() {
        const client = this.data.partner_id;
        if (client) {
            this.action.doAction({
                type: "ir.actions.act_window",
                res_model: "res.partner",
                res_id: client.id,
                views: [[false, "form"]],
            });
        }
    }

    async takeOver() {
        const record = this.props.record;
        if (await record.save()) {
            this.action.doActionButton({
                type: "object",
                name: "action_open_take_over",
                resModel: record.resModel,
                resId: record.resId,
                resIds: [record.resId],
                context: {legal_billing_option: this.props.option},
                onClose: reloadAfter(() => record.load()),
            });
        }
    }
}

registry.category("view_widgets").add("legal_option_origin", {
    component: OptionOrigin,
    extractProps: ({attrs}) => ({option: attrs.option}),
});
