import {patch} from "@web/core/utils/patch";
import {WebClient} from "@web/webclient/webclient";

const ADDON = "legal_billing.";
const ROOT = `${ADDON}legal_billing_menu_root`;

/**
 * A page of billing that is opened first (after log-in, from a link or a bookmark) has
 * billing's menu, also where no entry of a menu leads to it: core looks for an entry
 * with the very action that is shown, and *Mass Billing* is found by an action that
 * makes another one.
 */
patch(WebClient.prototype, {
    async loadRouterState() {
        try {
            return await super.loadRouterState(...arguments);
        } finally {
            this.showBillingMenu(this.actionService.currentController?.action);
        }
    },

    showBillingMenu(action) {
        if (!action?.xml_id?.startsWith(ADDON)) {
            return;
        }
        const menus = this.menuService.getAll();
        const entry = menus.find((menu) => menu.actionID === action.id);
        const root = menus.find((menu) => menu.xmlid === ROOT);
        if (root && !(entry && this.menuService.getCurrentApp())) {
            this.menuService.setCurrentMenu(root);
        }
    },
});
