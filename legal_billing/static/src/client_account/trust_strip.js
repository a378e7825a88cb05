import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {showOnly} from "../common/search_toggle";
import {useStrip, withTotals} from "../common/strip";

const getCall = (domain) => ["legal.trust.balance", "get_trust_strip", [domain]];

/** Above the list of client money: totals of the whole filter, and what is wrong. */
export class TrustStrip extends Component {
    static template = "legal_billing.TrustStrip";
    static props = {list: Object};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useStrip(getCall);
    }

    show(...names) {
        showOnly(this.env.searchModel, names);
    }

    async openUndelivered() {
        this.action.doAction(
            await this.orm.call(
                "account.move",
                "action_open_client_money_undelivered",
                []
            )
        );
    }
}

class TrustBalanceListRenderer extends ListRenderer {
    static template = "legal_billing.TrustBalanceListRenderer";
    static components = {...ListRenderer.components, TrustStrip};
}

/** On a phone: the same strip above cards. */
class TrustBalanceKanbanRenderer extends KanbanRenderer {
    static template = "legal_billing.TrustBalanceKanbanRenderer";
    static components = {...KanbanRenderer.components, TrustStrip};
}

const views = registry.category("views");
views.add("legal_trust_balance_list", {
    ...listView,
    Controller: withTotals(listView.Controller, getCall),
    Renderer: TrustBalanceListRenderer,
});
views.add("legal_trust_balance_kanban", {
    ...kanbanView,
    Controller: withTotals(kanbanView.Controller, getCall),
    Renderer: TrustBalanceKanbanRenderer,
});
