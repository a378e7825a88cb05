import {onWillUnmount} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useBus} from "@web/core/utils/hooks";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {WideFormRenderer} from "../common/wide_form";

const POLL = 3000;
/** After a call that worked on the run, and while the page is new. */
const SOON = 100;
const NEW = 10000;

/**
 * The progress page: reads the run again while it is running. A small run is worked off
 * by the calls of this page, a few rows each, so that it moves while one looks; once it
 * is done, the page leads to what it made. Closed, the run goes on in the background.
 */
export class RunFormController extends FormController {
    setup() {
        super.setup();
        this.opened = Date.now();
        this.schedule(SOON);
        useBus(this.model.bus, "update", () => this.schedule(this.pause));
        onWillUnmount(() => {
            this.isGone = true;
            browser.clearTimeout(this.timer);
        });
    }

    get isRunning() {
        const {root} = this.model;
        return root?.resId && !root.dirty && root.data.state === "running";
    }

    /** The work itself takes about a second a call; what others do is asked for. */
    get pause() {
        const isNew = Date.now() - this.opened < NEW;
        return this.isRunning && isNew ? SOON * 5 : POLL;
    }

    schedule(pause = POLL) {
        browser.clearTimeout(this.timer);
        if (!this.isGone) {
            this.timer = browser.setTimeout(() => this.poll(), pause);
        }
    }

    async poll() {
        const {root} = this.model;
        let worked = false;
        if (this.isRunning) {
            worked = await this.workOn();
            if (this.isGone) {
                return;
            }
            if (worked?.type) {
                await this.actionService.doAction(worked, {
                    stackPosition: "replaceCurrentAction",
                });
                return;
            }
            await root.load();
        } else if (root?.resId && !root.dirty && root.data.is_mailing) {
            await root.load();
        }
        this.schedule(worked ? SOON : this.pause);
    }

    /** A few rows. Whatever goes wrong is with the rows, and the workers go on. */
    async workOn() {
        const {resId} = this.model.root;
        return this.orm.silent.call("legal.billing.run", "action_work_on", [[resId]]);
    }
}

registry.category("views").add("legal_run_form", {
    ...formView,
    Controller: RunFormController,
    Renderer: WideFormRenderer,
});
