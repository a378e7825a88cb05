import {
    Component,
    onWillStart,
    useEffect,
    useExternalListener,
    useState,
} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const KEY = "legal_billing.paper";
/** As in `bill_paper.scss`. */
const WIDE = 1600;

/**
 * The paper beside the form of a bill, or of a row that is to become one: made anew
 * whenever it was saved. On wide screens it is shown, and the choice to hide it is kept;
 * on others it lies over the form when it is asked for, until Escape or its button.
 */
export class BillPaper extends Component {
    static template = "legal_billing.BillPaper";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({
            isOpen: this.isWide && browser.localStorage.getItem(KEY) !== "0",
            html: "",
            error: "",
        });
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        onWillStart(() => {
            this.load();
        });
        useEffect(
            () => {
                this.load();
            },
            () => [this.props.record.resId, this.stamp, this.state.isOpen]
        );
    }

    get stamp() {
        const {data} = this.props.record;
        return `${data.write_date} ${data.amount_total ?? data.amount}`;
    }

    get title() {
        return this.state.isOpen ? _t("Hide preview") : _t("Show preview");
    }

    get isWide() {
        return browser.innerWidth >= WIDE;
    }

    toggle() {
        this.state.isOpen = !this.state.isOpen;
        if (this.isWide) {
            browser.localStorage.setItem(KEY, this.state.isOpen ? "1" : "0");
        }
    }

    onKeydown(ev) {
        const isAsked = ev.key === "Escape" && !document.querySelector(".modal");
        if (isAsked && this.state.isOpen && !this.isWide) {
            this.state.isOpen = false;
        }
    }

    async load() {
        const {record} = this.props;
        if (!this.state.isOpen || !record.resId || this.loaded === this.key) {
            return;
        }
        this.loaded = this.key;
        try {
            this.state.html = await this.keepLast.add(
                this.orm.silent.call(record.resModel, "get_paper_html", [
                    [record.resId],
                ])
            );
            this.state.error = "";
        } catch (error) {
            // a broken template is told here, the entries stay workable
            this.state.error = error.data?.message || _t("The paper cannot be made.");
        }
    }

    get key() {
        return `${this.props.record.resId} ${this.stamp}`;
    }
}

registry.category("view_widgets").add("legal_bill_paper", {component: BillPaper});
