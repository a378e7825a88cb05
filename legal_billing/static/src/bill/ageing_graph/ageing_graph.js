import {Domain} from "@web/core/domain";
import {registry} from "@web/core/registry";
import {GraphModel} from "@web/views/graph/graph_model";
import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {graphView} from "@web/views/graph/graph_view";

/** From not due to long overdue: the colours of the strip above the list. */
const COLOURS = {
    late_0: "#6fbf8b",
    late_30: "#8cc5d8",
    late_60: "#f2bf4e",
    late_90: "#e07f4f",
    late_more: "#b8383d",
};

/** What is unpaid, by how late it is: drafts and paid bills are no part of it. */
export class AgeingGraphModel extends GraphModel {
    async load(searchParams) {
        const open = [["late_bucket", "!=", false]];
        const domain = Domain.and([searchParams.domain, open]).toList();
        return super.load({...searchParams, domain});
    }
}

/** The age of the debt in its own order and colours. */
export class AgeingGraphRenderer extends GraphRenderer {
    getBarChartData() {
        const {selection} = this.model.metaData.fields.late_bucket;
        const place = ({label}) => selection.findIndex(([, name]) => name === label);
        const bars = this.model.data.datasets;
        if (bars.some((bar) => place(bar) < 0)) {
            return super.getBarChartData(); // grouped otherwise
        }
        bars.sort((one, other) => place(one) - place(other));
        // without the line of sums: from lawyer to lawyer it says nothing
        const data = {...super.getBarChartData(), datasets: bars};
        for (const bar of bars) {
            bar.backgroundColor = COLOURS[selection[place(bar)][0]];
        }
        return data;
    }
}

registry.category("views").add("legal_ageing_graph", {
    ...graphView,
    Model: AgeingGraphModel,
    Renderer: AgeingGraphRenderer,
});
