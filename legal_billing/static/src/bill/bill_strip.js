import {Component, onMounted, status} from "@odoo/owl";
import {deserializeDateTime, toLocaleDateTimeString} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {showDomain, showOnly} from "../common/search_toggle";
import {useStrip} from "../common/strip";

/** What the server is asked for: the totals of these bills. */
export const getBillCall = (kind, domain) => [
    "account.move",
    "get_bill_strip",
    [kind, domain],
];

/** Above a list of bills: totals of the whole filter, each of which filters. */
export class BillStrip extends Component {
    static template = "legal_billing.BillStrip";
    static props = {list: Object, kind: String};

    setup() {
        this.action = useService("action");
        this.state = useStrip(
            (domain) => getBillCall(this.props.kind, domain),
            (strip) => status(this) === "mounted" && this.tellCount(strip)
        );
        onMounted(() => this.tellCount(this.strip));
    }

    get strip() {
        return this.state.strip;
    }

    number(value) {
        return formatInteger(value);
    }

    get lastProduction() {
        return this.strip.last_on
            ? toLocaleDateTimeString(deserializeDateTime(this.strip.last_on), {
                  showSeconds: false,
              })
            : "";
    }

    /** What the buttons take; never before this is mounted, for the page would be drawn
     * anew, and this with it, which would ask a second time. */
    tellCount(strip) {
        if (this.env.filterTotal && strip) {
            this.env.filterTotal.count = strip.count;
        }
    }

    /** The last production: its print files, and what is still to be posted. */
    openLastRun() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "legal.billing.run",
            res_id: this.strip.last_run,
            views: [[false, "form"]],
        });
    }

    show(...names) {
        showOnly(this.env.searchModel, names);
    }

    showPerson(person) {
        showDomain(this.env.searchModel, person.name, [
            ["responsible_id", "=", person.id],
        ]);
    }
}
