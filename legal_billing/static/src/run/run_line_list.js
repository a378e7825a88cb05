import {registry} from "@web/core/registry";
import {useState, useSubEnv} from "@odoo/owl";
import {formatInteger} from "@web/views/fields/formatters";
import {ListController} from "@web/views/list/list_controller";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {withTicked} from "../common/ticked";
import {SetUp} from "../set_up/set_up";
import {RunStrip} from "./run_strip";

export class RunLineListRenderer extends ListRenderer {
    static template = "legal_billing.RunLineListRenderer";
    static components = {...ListRenderer.components, RunStrip, SetUp};
}

/** What the ticked rows are: only what failed is tried again. */
const TickedController = withTicked(ListController, {
    failed: (rows) => rows.some((row) => ["failed", "skipped"].includes(row.state)),
    ready: (rows) => rows.some((row) => row.state === "ready"),
});

/** The button that bills is where Odoo has the main one; the strip says what it takes. */
export class RunLineListController extends TickedController {
    static template = "legal_billing.RunLineListView";

    setup() {
        super.setup();
        this.runBar = useState({
            ready: 0,
            title: "",
            billAll: null,
            billSelected: null,
        });
        useSubEnv({runBar: this.runBar});
    }

    get selectedText() {
        const {root} = this.model;
        const count = root.isDomainSelected ? root.count : root.selection?.length;
        return count ? formatInteger(count) : "";
    }

    get readyText() {
        return formatInteger(this.runBar.ready);
    }
}

/** On a phone: the same strip above cards. */
export class RunLineKanbanRenderer extends KanbanRenderer {
    static template = "legal_billing.RunLineKanbanRenderer";
    static components = {...KanbanRenderer.components, RunStrip, SetUp};
}

const views = registry.category("views");
views.add("legal_run_line_list", {
    ...listView,
    Controller: RunLineListController,
    Renderer: RunLineListRenderer,
});
views.add("legal_run_line_kanban", {...kanbanView, Renderer: RunLineKanbanRenderer});
