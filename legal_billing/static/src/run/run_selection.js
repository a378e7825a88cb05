import {Component} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";

/** The header's saved selections, and its filters in words. */
export class RunSelection extends Component {
    static template = "legal_billing.RunSelection";
    static components = {Dropdown, DropdownItem};
    static props = {
        strip: Object,
        choose: Function,
        edit: Function,
        save: Function,
        manage: Function,
    };

    get isOpen() {
        const {strip} = this.props;
        return strip.can_bill && strip.state === "review";
    }
}
