import {registry} from "@web/core/registry";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {SetUp} from "../set_up/set_up";
import {RunStrip} from "./run_strip";

export class RunLineListRenderer extends ListRenderer {
    static template = "legal_billing.RunLineListRenderer";
    static components = {...ListRenderer.components, RunStrip, SetUp};
}

/** On a phone: the same strip above cards. */
export class RunLineKanbanRenderer extends KanbanRenderer {
    static template = "legal_billing.RunLineKanbanRenderer";
    static components = {...KanbanRenderer.components, RunStrip, SetUp};
}

const views = registry.category("views");
views.add("legal_run_line_list", {...listView, Renderer: RunLineListRenderer});
views.add("legal_run_line_kanban", {...kanbanView, Renderer: RunLineKanbanRenderer});
