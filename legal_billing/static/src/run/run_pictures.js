import {Component} from "@odoo/owl";

/**
 * The run in three small pictures: what becomes of its matters, how the standard value
 * turns into the bills, how old the work is. Every part filters the list.
 */
export class RunPictures extends Component {
    static template = "legal_billing.RunPictures";
    static props = {strip: Object, show: Function};

    /** The ring as a CSS gradient: one arc per state, in the states' own colours. */
    get donut() {
        const {parts} = this.props.strip;
        let from = 0;
        const arcs = parts.map((part) => {
            const to = from + part.share;
            const arc = `var(--${part.tone}) ${from}% ${to}%`;
            from = to;
            return arc;
        });
        return `background: conic-gradient(${arcs.join(", ")})`;
    }

    get donutTitle() {
        return this.props.strip.parts
            .map((part) => `${part.label}: ${part.count}`)
            .join("\n");
    }
}
