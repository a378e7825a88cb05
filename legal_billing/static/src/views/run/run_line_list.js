import {registry} from "@web/core/registry";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {RunStrip} from "./run_strip";

export class RunLineListRenderer extends ListRenderer {
    static template = "legal_billing.RunLineListRenderer";
    static components = {...ListRenderer.components, RunStrip};
}

registry.category("views").add("legal_run_line_list", {
    ...listView,
    Renderer: RunLineListRenderer,
});
