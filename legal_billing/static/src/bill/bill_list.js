import {registry} from "@web/core/registry";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {withTotals} from "../common/strip";
import {withTicked} from "../common/ticked";
import {BillStrip, getBillCall} from "./bill_strip";
import {CountedKanbanController, CountedListController} from "./counted_list";

class BillStripRenderer extends ListRenderer {
    static components = {...ListRenderer.components, BillStrip};
}

export class DraftBillListRenderer extends BillStripRenderer {
    static template = "legal_billing.DraftBillListRenderer";
}

export class ProductionListRenderer extends BillStripRenderer {
    static template = "legal_billing.ProductionListRenderer";
}

export class BillListRenderer extends BillStripRenderer {
    static template = "legal_billing.BillListRenderer";
}

/** On a phone: the same strip above cards. */
export class ProductionKanbanRenderer extends KanbanRenderer {
    static template = "legal_billing.ProductionKanbanRenderer";
    static components = {...KanbanRenderer.components, BillStrip};
}

export class DraftBillKanbanRenderer extends KanbanRenderer {
    static template = "legal_billing.DraftBillKanbanRenderer";
    static components = {...KanbanRenderer.components, BillStrip};
}

export class BillKanbanRenderer extends KanbanRenderer {
    static template = "legal_billing.BillKanbanRenderer";
    static components = {...KanbanRenderer.components, BillStrip};
}

/** What the ticked bills are: a button that fits none of them is not offered. */
const BillListController = withTicked(ListController, {
    one: (bills) => bills.length === 1,
    approved: (bills) =>
        bills.some((bill) => ["production", "finalized"].includes(bill.billing_stage)),
    production: (bills) => bills.some((bill) => bill.billing_stage === "production"),
    open: (bills) =>
        bills.some((bill) => bill.state === "posted" && bill.amount_residual),
});

/** Its totals are asked for with the rows. */
const withBills = (kind, Controller) =>
    withTotals(Controller, (domain) => getBillCall(kind, domain));

const views = registry.category("views");
views.add("legal_draft_bill_list", {
    ...listView,
    Controller: withBills("draft", CountedListController),
    Renderer: DraftBillListRenderer,
});
views.add("legal_production_list", {
    ...listView,
    Controller: withBills("production", CountedListController),
    Renderer: ProductionListRenderer,
});
views.add("legal_bill_list", {
    ...listView,
    Controller: withBills("all", BillListController),
    Renderer: BillListRenderer,
});
views.add("legal_bill_kanban", {
    ...kanbanView,
    Controller: withBills("all", kanbanView.Controller),
    Renderer: BillKanbanRenderer,
});
views.add("legal_draft_bill_kanban", {
    ...kanbanView,
    Controller: withBills("draft", CountedKanbanController),
    Renderer: DraftBillKanbanRenderer,
});
views.add("legal_production_kanban", {
    ...kanbanView,
    Controller: withBills("production", CountedKanbanController),
    Renderer: ProductionKanbanRenderer,
});
