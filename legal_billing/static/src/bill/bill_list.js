import {registry} from "@web/core/registry";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {withTicked} from "../common/ticked";
import {BillStrip} from "./bill_strip";
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

const views = registry.category("views");
const countedListView = {...listView, Controller: CountedListController};
views.add("legal_draft_bill_list", {
    ...countedListView,
    Renderer: DraftBillListRenderer,
});
views.add("legal_production_list", {
    ...countedListView,
    Renderer: ProductionListRenderer,
});
views.add("legal_bill_list", {
    ...listView,
    Controller: BillListController,
    Renderer: BillListRenderer,
});
views.add("legal_bill_kanban", {...kanbanView, Renderer: BillKanbanRenderer});
const countedKanbanView = {...kanbanView, Controller: CountedKanbanController};
views.add("legal_draft_bill_kanban", {
    ...countedKanbanView,
    Renderer: DraftBillKanbanRenderer,
});
views.add("legal_production_kanban", {
    ...countedKanbanView,
    Renderer: ProductionKanbanRenderer,
});
