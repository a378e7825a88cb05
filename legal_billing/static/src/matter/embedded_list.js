import {Component, onWillStart, useSubEnv} from "@odoo/owl";
import {View} from "@web/views/view";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

/** A list as the record's own action opens it, inside the form: paged, sorted and
 * loaded only when its tab is opened. */
export class EmbeddedList extends Component {
    static template = "legal_billing.EmbeddedList";
    static components = {View};
    static props = {...standardWidgetProps, action: String};

    setup() {
        this.orm = useService("orm");
        this.actionService = useService("action");
        // a page of its own: neither the form's search nor its title
        useSubEnv({
            config: {...this.env.config, views: [], setDisplayName: () => {}},
        });
        onWillStart(() => this.load());
    }

    async load() {
        const {resModel, resId} = this.props.record;
        this.action = await this.orm.call(resModel, this.props.action, [[resId]]);
        const view = (this.action.views || []).find(([, type]) => type === "list");
        this.viewProps = {
            type: "list",
            resModel: this.action.res_model,
            viewId: view ? view[0] : false,
            domain: this.getDomain(),
            context: {},
            display: {controlPanel: false, searchPanel: false},
            allowSelectors: false,
            showButtons: false,
            loadActionMenus: false,
            loadIrFilters: false,
            noBreadcrumbs: true,
            limit: 40,
            selectRecord: (id) => this.open(id),
        };
    }

    getDomain() {
        const domain = this.action.domain;
        return Array.isArray(domain) ? domain : [];
    }

    open(id) {
        return this.actionService.doAction({
            type: "ir.actions.act_window",
            res_model: this.action.res_model,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openAll() {
        return this.actionService.doAction(this.action);
    }
}

registry.category("view_widgets").add("legal_embedded_list", {
    component: EmbeddedList,
    extractProps: ({attrs}) => ({action: attrs.action}),
});
