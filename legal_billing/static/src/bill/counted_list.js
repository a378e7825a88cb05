import {useState, useSubEnv} from "@odoo/owl";
import {formatInteger} from "@web/views/fields/formatters";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {MultiRecordViewButton} from "@web/views/view_button/multi_record_view_button";

/** A header button that says how many bills it takes. */
export class CountedButton extends MultiRecordViewButton {
    static template = "legal_billing.CountedButton";
    static props = [...MultiRecordViewButton.props, "count?"];

    /** Nothing in the list, nothing to press. */
    get disabled() {
        return super.disabled || this.props.count === 0;
    }

    get countText() {
        return this.props.count ? formatInteger(this.props.count) : "";
    }
}

/** Header buttons work on what is ticked, else on all of the filter, and say how many
 * that is. The strip above the rows knows the filter's total. */
const withCounts = (Controller) =>
    class extends Controller {
        static components = {...Controller.components, CountedButton};

        setup() {
            super.setup();
            this.filterTotal = useState({count: undefined});
            useSubEnv({filterTotal: this.filterTotal});
        }

        get takenCount() {
            const {root} = this.model;
            if (root.isDomainSelected || !root.selection?.length) {
                return this.filterTotal.count;
            }
            return root.selection.length;
        }
    };

export class CountedListController extends withCounts(ListController) {
    static template = "legal_billing.CountedListView";
}

export class CountedKanbanController extends withCounts(KanbanController) {
    static template = "legal_billing.CountedKanbanView";
}
