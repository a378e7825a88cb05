import {Component, onWillStart, useEffect, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {KeepLast} from "@web/core/utils/concurrency";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const KEY = "legal_billing.paper";
const WIDE = 1500;

/**
 * The paper beside the form of a bill, or of a row that is to become one: made anew
 * whenever it was saved. Shown on wide screens; the choice to show or hide it is kept.
 */
export class BillPaper extends Component {
    static template = "legal_billing.BillPaper";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        const kept = browser.localStorage.getItem(KEY);
        this.state = useState({
            isOpen: kept ? kept === "1" : browser.innerWidth >= WIDE,
            html: "",
            error: "",
        });
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
        return this.state.isOpen ? _t("Hide the paper") : _t("Show the paper");
    }

    toggle() {
        this.state.isOpen = !this.state.isOpen;
        browser.localStorage.setItem(KEY, this.state.isOpen ? "1" : "0");
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
