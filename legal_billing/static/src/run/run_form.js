import {onWillUnmount} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useBus} from "@web/core/utils/hooks";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {WideFormRenderer} from "../common/wide_form";

const POLL = 3000;

/** The progress page: reads the run again while it is running. */
export class RunFormController extends FormController {
    setup() {
        super.setup();
        this.schedule();
        useBus(this.model.bus, "update", () => this.schedule());
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    schedule() {
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.poll(), POLL);
    }

    async poll() {
        const {root} = this.model;
        const isMoving = root?.resId && !root.dirty;
        if (isMoving && (root.data.state === "running" || root.data.is_mailing)) {
            await root.load();
        }
        this.schedule();
    }
}

registry.category("views").add("legal_run_form", {
    ...formView,
    Controller: RunFormController,
    Renderer: WideFormRenderer,
});
