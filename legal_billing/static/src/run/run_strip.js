import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    status,
    useState,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {deserializeDate, formatDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {useBus, useService} from "@web/core/utils/hooks";
import {useDebounced} from "@web/core/utils/timing";
import {formatInteger} from "@web/views/fields/formatters";
import {reloadAfter} from "../core/window";
import {showDomain, showOnly} from "../common/search_toggle";
import {firstRead} from "../common/strip";
import {RunPictures} from "./run_pictures";
import {RunSelection} from "./run_selection";

const POLL = 3000;

/**
 * Above the rows of a run: its header, edited in place; its totals, each of which
 * filters the list; and the answer to "why is this matter not here?".
 */
export class RunStrip extends Component {
    static template = "legal_billing.RunStrip";
    static components = {DateTimeInput, RunPictures, RunSelection};
    static props = {
        list: Object,
        selected: {type: Number, optional: true},
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({
            strip: null,
            busy: false,
            query: "",
            answers: null,
        });
        this.keepLast = new KeepLast();
        this.search = useDebounced(() => this.explain(), 300);
        onWillStart(() => this.load((...args) => firstRead(this.env, ...args)));
        useBus(this.props.list.model.bus, "update", () => this.load());
        onMounted(() => {
            if (this.env.runBar) {
                this.env.runBar.billAll = () => this.billAll();
                this.env.runBar.billSelected = () => this.billSelected();
                this.tellBar();
            }
        });
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get runId() {
        const {context} = this.props.list;
        return context.legal_billing_run_id || context.default_run_id;
    }

    get strip() {
        return this.state.strip;
    }

    number(value) {
        return formatInteger(value);
    }

    get isBill() {
        return this.strip.operation === "bill";
    }

    get worked() {
        return this.strip.done + this.strip.failed;
    }

    async load(read = (...args) => this.orm.call(...args)) {
        if (!this.runId) {
            return;
        }
        // At the model's update the rows' root is new, the props are not yet.
        const {domain, context} = this.props.list.model.root;
        this.state.strip = await this.keepLast.add(
            read("legal.billing.run", "get_strip", [[this.runId], domain], {context})
        );
        if (status(this) === "mounted") {
            this.tellBar();
        }
        browser.clearTimeout(this.timer);
        if (this.strip.state === "running") {
            this.timer = browser.setTimeout(() => this.reload(), POLL);
        }
    }

    /** What the page's main button takes; never before this is mounted, for the page
     * would be drawn anew, and this with it. */
    tellBar() {
        if (this.env.runBar && this.strip) {
            this.env.runBar.ready =
                this.isBill && this.strip.can_bill ? this.strip.filter_ready : 0;
            this.env.runBar.title = this.strip.filter_ready_text;
        }
    }

    async reload() {
        // The model tells of an update only when the search changes.
        await this.props.list.model.load();
        await this.load();
    }

    // Header

    toDate(value) {
        return value ? deserializeDate(value) : false;
    }

    onDate(name, value) {
        return this.setHeader({[name]: value ? serializeDate(value) : false});
    }

    onChoice(name, ev) {
        return this.setHeader({[name]: Number(ev.target.value) || false});
    }

    async setHeader(values) {
        await this.work("set_header", [values]);
    }

    async refresh() {
        await this.work("action_reload", []);
    }

    async work(method, args) {
        this.state.busy = true;
        try {
            await this.orm.call("legal.billing.run", method, [[this.runId], ...args]);
            await this.reload();
        } finally {
            this.state.busy = false;
        }
    }

    openRun() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "legal.billing.run",
            res_id: this.runId,
            views: [[false, "form"]],
        });
    }

    // Selections

    async chooseSelection(selectionId) {
        await this.work("choose_selection", [selectionId]);
    }

    /** Open a window of the header; what it does shows in the list afterwards. */
    async openWindow(method) {
        const action = await this.orm.call("legal.billing.run", method, [[this.runId]]);
        await this.action.doAction(action, {
            onClose: reloadAfter(() => this.reload()),
        });
    }

    manageSelections() {
        return this.action.doAction("legal_billing.legal_billing_selection_action");
    }

    // Totals

    show(...names) {
        showOnly(this.env.searchModel, names);
    }

    // Billing

    async bill(ids) {
        const {list} = this.props;
        const action = await this.orm.call(
            "legal.billing.run.line",
            "action_confirm_bill",
            [ids],
            {
                context: {
                    ...list.context,
                    active_domain: list.domain,
                    active_model: list.resModel,
                },
            }
        );
        await this.action.doAction(action, {
            onClose: reloadAfter(() => this.reload()),
        });
    }

    billAll() {
        return this.bill([]);
    }

    async billSelected() {
        return this.bill(await this.props.list.getResIds(true));
    }

    // Why is this matter not here?

    onQuery(ev) {
        this.state.query = ev.target.value;
        this.search();
    }

    async explain() {
        if (!this.state.query.trim()) {
            this.state.answers = null;
            return;
        }
        this.state.answers = await this.orm.call(
            "legal.billing.run",
            "explain_matters",
            [[this.runId], this.state.query]
        );
    }

    forget() {
        this.state.query = "";
        this.state.answers = null;
    }

    async openAnswer(answer) {
        if (answer.line_id) {
            showDomain(this.env.searchModel, answer.name, [
                ["id", "=", answer.line_id],
            ]);
            this.forget();
            return;
        }
        const action = await this.orm.call(
            "project.project",
            "action_open_matter_form",
            [[answer.matter_id]]
        );
        await this.action.doAction(action);
    }

    get cutoffText() {
        const {invoice_date: invoiceDate, cutoff_date: cutoff} = this.strip;
        const day = cutoff < invoiceDate ? cutoff : invoiceDate;
        return formatDate(deserializeDate(day));
    }

    get minutesText() {
        const minutes = this.strip.minutes_left;
        return minutes ? _t("about %s min to go", minutes) : "";
    }
}
