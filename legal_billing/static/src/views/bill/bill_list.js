import {registry} from "@web/core/registry";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {BillStrip} from "./bill_strip";

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

const views = registry.category("views");
views.add("legal_draft_bill_list", {...listView, Renderer: DraftBillListRenderer});
views.add("legal_production_list", {...listView, Renderer: ProductionListRenderer});
views.add("legal_bill_list", {...listView, Renderer: BillListRenderer});
