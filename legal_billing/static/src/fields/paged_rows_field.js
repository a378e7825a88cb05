import {registry} from "@web/core/registry";
import {formatMonetary} from "@web/views/fields/formatters";
import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";
import {ListRenderer} from "@web/views/list/list_renderer";

/** Below a page of rows, what all rows add up to: Odoo's own adds up the page. */
class PagedRowsRenderer extends ListRenderer {
    static props = [...ListRenderer.props, "totals?", "isToldOfEdits?"];

    computeAggregates() {
        const aggregates = super.computeAggregates();
        const {list} = this.props;
        if (list.selection.length || list.count <= list.records.length) {
            return aggregates;
        }
        for (const name in aggregates) {
            const total = this.getTotal(name);
            if (total === undefined) {
                delete aggregates[name]; // better none than that of a page
                continue;
            }
            const currencyField = this.getCurrencyField({name, options: {}});
            aggregates[name].rawValue = total;
            aggregates[name].value = formatMonetary(total, {
                currencyId: list.records[0].data[currencyField]?.id,
            });
        }
        return aggregates;
    }

    /** What the server added up; with edits of rows that it is not asked about before
     * they are saved. */
    getTotal(name) {
        const {isToldOfEdits, list, totals} = this.props;
        const total = totals?.[name];
        if (total === undefined || isToldOfEdits) {
            return total;
        }
        return Object.values(list._cache).reduce(
            (sum, row) => sum + (row.data[name] - row._values[name] || 0),
            total
        );
    }
}

/** Rows that may be hundreds, page by page; `totals` names the field of the record
 * that holds what they add up to, by column. */
export class PagedRowsField extends X2ManyField {
    static components = {...X2ManyField.components, ListRenderer: PagedRowsRenderer};
    static props = {...X2ManyField.props, totals: {type: String, optional: true}};

    get rendererProps() {
        const props = super.rendererProps;
        const {name, record, totals, viewMode} = this.props;
        if (viewMode === "list") {
            props.totals = record.data[totals];
            props.isToldOfEdits = record.activeFields[name].onChange;
        }
        return props;
    }
}

registry.category("fields").add("legal_paged_rows", {
    ...x2ManyField,
    component: PagedRowsField,
    additionalClasses: ["o_field_one2many"],
    extractProps: (staticInfo, dynamicInfo) => ({
        ...x2ManyField.extractProps(staticInfo, dynamicInfo),
        totals: staticInfo.options.totals,
    }),
});
