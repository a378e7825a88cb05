import {Component, onWillStart, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {firstRead} from "../common/strip";

/**
 * What a firm still lacks before it bills, with one link each. The server says nothing
 * to those who cannot mend it, nor where all is there.
 */
export class SetUp extends Component {
    static template = "legal_billing.SetUp";
    static props = {always: {type: Boolean, optional: true}, "*": true};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({items: [], done: 0, ask: ""});
        onWillStart(async () => {
            Object.assign(
                this.state,
                await firstRead(this.env, "legal.set.up", "get_set_up", [
                    Boolean(this.props.always),
                ])
            );
        });
    }

    get missing() {
        return this.state.items.filter((item) => !item.done);
    }

    get present() {
        return this.state.items.filter((item) => item.done);
    }

    open(item) {
        return this.action.doAction(item.action);
    }

    async dismiss() {
        await this.orm.call("legal.set.up", "action_dismiss", []);
        this.state.items = [];
    }
}

registry.category("view_widgets").add("legal_set_up", {
    component: SetUp,
    extractProps: () => ({always: true}),
});
